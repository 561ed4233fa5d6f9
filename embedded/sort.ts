/** Sort specifications. */
import { isDoc, type Doc } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { wholeNumber } from './values.ts';

export interface SortField {
  path: string[];
  direction: 1 | -1;
}

export function sortFieldsOf(sort: Doc | undefined): SortField[] {
  return [...(sort ?? [])].map(([name, value]) => {
    const direction = wholeNumber(value);
    if (isDoc(value)) throw badValue('$meta sort is not supported by this store');
    if (direction !== 1 && direction !== -1)
      throw new CommandError(15975, `$sort key ordering must be 1 (for ascending) or -1 (for descending)`);
    if (name.split('.').includes('')) throw badValue('FieldPath field names may not be empty');
    return { path: name.split('.'), direction };
  });
}
