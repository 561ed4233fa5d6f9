/** The list of passwords that guessers try first: 49,000 from public breaches, kept in the package, asked without the network. */
import { dictionary } from '@zxcvbn-ts/language-common';

const common: ReadonlySet<string> = new Set(dictionary['passwords-common']);

export const isCommonPassword = (lowered: string): boolean => common.has(lowered);
