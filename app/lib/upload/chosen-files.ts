/** The files that somebody dropped or chose, those of folders too, without what systems lay beside them. */

/** Files taken at once: a list beyond it is a wrong folder. */
export const CHOSEN_MAX = 20_000;

const isLaidBySystem = (name: string): boolean => name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name);

export const wantedOf = (files: Iterable<File>): File[] =>
  [...files].filter(({ name, size }) => size > 0 && !isLaidBySystem(name)).slice(0, CHOSEN_MAX);

const entriesOf = (folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = folder.createReader();
  // A reader gives a hundred at a time, and nothing when there are no more.
  const more = async (all: FileSystemEntry[]): Promise<FileSystemEntry[]> => {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    return some.length === 0 ? all : more([...all, ...some]);
  };
  return more([]);
};

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  const found: File[] = [];
  for (const inner of await entriesOf(entry as FileSystemDirectoryEntry)) found.push(...(await filesOf(inner)));
  return found;
}

export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Asked for at once: after the first wait the browser has forgotten what was dropped.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  if (entries.every((entry) => entry === null)) return wantedOf(plain);
  const found: File[] = [];
  for (const entry of entries) if (entry) found.push(...(await filesOf(entry)));
  return wantedOf(found);
}
