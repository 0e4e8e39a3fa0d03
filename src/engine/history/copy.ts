import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { sqliteCode, type SqliteModule } from '../util/sqlite.js';
import { MemoryStore } from './memory.js';
import type { Aside } from './rows.js';
import { SqliteStore } from './sqlite.js';
import type { Store } from './store.js';
import { ForeignTablesError } from './tables.js';

/** How many the hover and the history command show; a history that cannot be written starts with these rows. */
const shownRows = 100;

/** Returns a copy in memory of a file that cannot, or must not, be written. */
export function copyOf(sqlite: SqliteModule, file: string, aside: Aside): MemoryStore {
  if (!existsSync(file)) return new MemoryStore();
  // In WAL mode SQLite writes beside a file even to read it, unless `immutable` says that nobody changes the file.
  const unchanging = pathToFileURL(file);
  unchanging.searchParams.set('immutable', '1');
  const read = <T>(work: (store: SqliteStore) => T, otherwise: T): T => {
    for (const path of existsSync(`${file}-wal`) ? [file, unchanging] : [unchanging]) {
      try {
        const store = new SqliteStore(sqlite, path, aside, true);
        try {
          return work(store);
        } finally {
          store.close();
        }
      } catch (error) {
        if (sqliteCode(error) === null && !(error instanceof ForeignTablesError)) throw error;
      }
    }
    return otherwise;
  };
  const behind: Pick<Store, 'rows' | 'ownRows'> = {
    rows: (budget, limit) => read((store) => store.rows(budget, limit), []),
    ownRows: (budget, limit) => read((store) => store.ownRows(budget, limit), []),
  };
  return read<MemoryStore>((store) => MemoryStore.from(store, shownRows, behind), new MemoryStore());
}
