import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { importNames } from '../../../src/core/formats/readers/import-names.js';
import { git, write } from '../../engine/repository.js';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, expectHealthy, harmless, makeRepository, recordsFile, recordsText, work } from '../healthy.js';
import { mutated, mutatedBytes } from '../mutate.js';
import type { Ended, Place } from '../place.js';

/** How many inputs one case tries, one after the other. */
const turns = 10;

type Kind = (place: Place) => Promise<void>;

// eslint-disable-next-line no-control-regex
const escapes = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/** What holds of every command: it ends as documented, shows no stack, passes no escape on, and says which file is wrong. */
function expectCalm(place: Place, ended: Ended, codes: readonly number[], file: string, input: string): void {
  const failures = place.failures.length;
  place.expectEnd(ended, codes);
  const output = ended.stdout + ended.stderr;
  if (escapes.test(output)) place.fail(`\`${ended.command}\` prints ${JSON.stringify(escapes.exec(output)?.[0])}`);
  if (ended.code === 2 && !output.includes(file))
    place.fail(`\`${ended.command}\` does not name ${file}: ${output.slice(0, 500)}`);
  if (place.failures.length === failures) return;
  const kept = path.join(place.folder, `input-${failures}`);
  writeFileSync(kept, input);
  place.fail(`the input was ${JSON.stringify(input.slice(0, 1500))}`);
}

const config: Kind = async (place) => {
  const file = path.join(place.root, 'perf-budget.jsonc');
  const right = readFileSync(file, 'utf8');
  for (let turn = 0; turn < turns; turn++) {
    const text = mutated(right, place.random);
    writeFileSync(file, text);
    const ended = await check(place, ['--time', '20ms']);
    expectCalm(place, ended, [0, 1, 2, 3], 'perf-budget.jsonc', text);
    if (readFileSync(file, 'utf8') !== Buffer.from(text).toString()) place.fail('check wrote to perf-budget.jsonc');
    place.count('configurations');
  }
  writeFileSync(file, right);
};

/** The commands that read the history, with the codes that they may end with. */
async function expectHistoryReads(place: Place, input: string): Promise<void> {
  for (const args of [
    ['history'],
    ['history', 'healthy'],
    ['report', '--html', '../out/page.html', '--markdown', '../out/page.md'],
    ['export', '--format', place.random.pick(['csv', 'bencher', 'github-action-benchmark', 'otlp'])],
  ])
    // Nothing is left of a history that is too damaged.
    expectCalm(place, await place.perfBudget(args), /export|report/.test(args[0] ?? '') ? [0, 2] : [0], '', input);
  const page = path.join(place.folder, 'out/page.html');
  if (existsSync(page) && readFileSync(page, 'utf8').includes('<script>alert(1)'))
    place.fail(`the page of \`report --html\` runs what the history says: ${input.slice(0, 500)}`);
}

const database: Kind = async (place) => {
  const file = path.join(place.root, '.perf-budget/history.db');
  const right = readFileSync(file);
  for (let turn = 0; turn < turns / 2; turn++) {
    for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    writeFileSync(file, mutatedBytes(right, place.random));
    await expectHistoryReads(place, `bytes of the database, turn ${turn}`);
    const ended = await check(place, harmless);
    place.expectEnd(ended, [1]);
    expectHealthy(place, ended, `with a damaged database, turn ${turn},`);
    place.count('damaged databases');
    // The next one starts from what was whole.
    for (const name of readdirSync(path.dirname(file)))
      if (name.startsWith('history.db')) rmSync(path.join(path.dirname(file), name));
  }
  writeFileSync(file, right);
};

/** Rows that somebody else wrote, because a database may come with a workspace. */
const rows: Kind = async (place) => {
  const file = path.join(place.root, '.perf-budget/history.db');
  const right = readFileSync(file);
  for (let turn = 0; turn < turns / 2; turn++) {
    writeFileSync(file, right);
    const db = new DatabaseSync(file);
    const all = db.prepare('SELECT * FROM runs').all();
    const said: string[] = [];
    const junk = (value: string): string => mutated(value, place.random);
    for (const row of all.slice(0, 5)) {
      const result = junk(String(row['result']));
      const baseline = row['baseline'] === null ? null : junk(String(row['baseline']));
      const at = place.random.pick([0, -9e18, 9e18, 8640000000000001, Number(row['at'])]);
      said.push(JSON.stringify({ at, result, baseline }));
      db.prepare('UPDATE runs SET result = ?, baseline = ?, at = CAST(? AS INTEGER) WHERE id = ?').run(
        ...([result, baseline, at, row['id'] ?? 0] as const),
      );
    }
    for (const kind of ['measurement', 'bench-names', 'answer']) {
      const value = place.random.pick(['5', '{}', '[]', 'null', '"x"', '[{"name":1}]', '{', '']);
      said.push(`${kind} ${value}`);
      db.prepare('UPDATE cache SET value = ? WHERE kind = ?').run(value, kind);
    }
    db.close();
    const input = said.join('\n');
    await expectHistoryReads(place, input);
    const ended = await check(place, harmless);
    expectCalm(place, ended, [1], 'perf-budget.jsonc', input);
    expectHealthy(place, ended, `with rows of others, turn ${turn},`);
    place.count('databases with junk rows');
  }
  for (const name of readdirSync(path.dirname(file)))
    if (name.startsWith('history.db')) rmSync(path.join(path.dirname(file), name));
  writeFileSync(file, right);
};

const notes: Kind = async (place) => {
  const ref = 'refs/notes/perf-budget';
  // A run of a clean commit, which alone is shared.
  write(place.root, { 'src/work.ts': work(3_000) });
  git(place.root, 'commit', '--quiet', '--all', '--message', 'next');
  place.expectEnd(await check(place), [1]);
  place.expectEnd(await place.perfBudget(['history', '--share']), [0]);
  const right = git(place.root, 'notes', `--ref=${ref}`, 'show', 'HEAD');
  if (right === '') place.fail('nothing was shared');
  for (let turn = 0; turn < turns / 2; turn++) {
    // From somebody else, so that it is not known already.
    const text = mutated(right.replaceAll(/"machine":"\w*/g, `$&${turn}`), place.random);
    const file = path.join(place.folder, 'note');
    writeFileSync(file, text);
    git(place.root, 'notes', `--ref=${ref}`, 'add', '--force', '--file', file, 'HEAD');
    expectCalm(place, await place.perfBudget(['history', '--share']), [0], '', text);
    await expectHistoryReads(place, text);
    place.count('notes');
  }
  git(place.root, 'update-ref', '-d', ref);
};

/** The format of a file in `test/fixtures/outputs`: the longest name that its own begins with. */
const formatOf = (name: string): string | undefined =>
  importNames.filter((format) => name.startsWith(format)).sort((a, b) => b.length - a.length)[0];

const imports: Kind = async (place) => {
  const { fixtures } = place.installation;
  const outputs = readdirSync(path.join(fixtures, 'outputs')).filter((name) => formatOf(name) !== undefined);
  for (let turn = 0; turn < turns; turn++) {
    const name = place.random.pick([...outputs, 'csv']);
    const text =
      name === 'csv'
        ? 'at,budget,metric,value,unit\n2026-01-01T00:00:00Z,healthy,time,12,ns\n2026-01-02T00:00:00Z,healthy,time,13,ns\n'
        : readFileSync(path.join(fixtures, 'outputs', name), 'utf8');
    const input = mutated(text.replaceAll(/fib[/\w-]*/g, 'healthy'), place.random);
    const file = `import-${turn}.txt`;
    writeFileSync(path.join(place.folder, 'out', file), input);
    const format = formatOf(name) ?? name;
    const ended = await place.perfBudget(['import', '--format', format, `../out/${file}`, '--date', '2026-03-01'], {
      limitMs: 30_000,
    });
    expectCalm(place, ended, [0, 2], file, input);
    place.count('imports');
  }
  await expectHistoryReads(place, 'what was imported');
};

const merges: Kind = async (place) => {
  const right = JSON.stringify((await check(place)).document, null, 1);
  writeFileSync(path.join(place.folder, 'out/right.json'), right);
  for (let turn = 0; turn < turns; turn++) {
    const text = mutated(right, place.random);
    writeFileSync(path.join(place.folder, 'out/wrong.json'), text);
    const reporter = place.random.pick(['terminal', 'json', 'junit', 'sarif', 'github', 'markdown', 'html']);
    const ended = await place.perfBudget(['merge', '../out/right.json', '../out/wrong.json', '--reporter', reporter]);
    expectCalm(place, ended, [0, 1, 2, 3], '.json', text);
    place.count('reports');
  }
};

const records: Kind = async (place) => {
  const name = recordsFile;
  const file = path.join(place.root, name);
  for (const value of ['0.5', '0.7']) place.expectEnd(await place.perfBudget(['record', 'hand', value]), [0]);
  const right = readFileSync(file, 'utf8');
  for (let turn = 0; turn < turns; turn++) {
    const text = mutated(right, place.random);
    writeFileSync(file, text);
    expectCalm(place, await check(place, ['hand']), [0, 1, 2, 3], name, text);
    const recorded = await place.perfBudget(['record', 'hand', '0.6']);
    expectCalm(place, recorded, [0, 2], name, text);
    // What a person wrote is never lost, even if it cannot be read.
    if (recorded.code === 2 && readFileSync(file, 'utf8') !== Buffer.from(text).toString())
      place.fail(`record changed a file that it could not read: ${text.slice(0, 500)}`);
    place.count('files of records');
  }
  writeFileSync(file, recordsText);
};

const baselines: Kind = async (place) => {
  place.expectEnd(await place.perfBudget(['capture', '--name', 'v1', '--reason', 'slow is known']), [0]);
  const folder = path.join(place.root, 'perf-budget.baselines');
  const names = readdirSync(folder);
  const kept = path.join(place.folder, 'kept');
  mkdirSync(kept);
  for (const name of names) copyFileSync(path.join(folder, name), path.join(kept, name));
  for (let turn = 0; turn < turns; turn++) {
    const name = place.random.pick(names);
    const text = mutated(readFileSync(path.join(kept, name), 'utf8'), place.random);
    writeFileSync(path.join(folder, name), text);
    expectCalm(place, await check(place, harmless), [0, 1, 2, 3], 'perf-budget', text);
    expectCalm(place, await place.perfBudget(['capture', '--list']), [0, 2], name, text);
    copyFileSync(path.join(kept, name), path.join(folder, name));
    place.count('baseline files');
  }
  rmSync(folder, { recursive: true });
};

const kinds: readonly (readonly [string, Kind])[] = [
  ['a configuration', config],
  ['rows of a database', rows],
  ['notes', notes],
  ['imported files', imports],
  ['the bytes of a database', database],
  ['reports to merge', merges],
  ['recorded figures', records],
  ['baseline files', baselines],
];

export const input: Chapter = {
  name: 'input',
  title: 'files, histories and notes that somebody else wrote, mutated',
  share: 2,
  cases: Infinity,
  label: (number) => kinds[number % kinds.length]?.[0] ?? '',
  async run(place, number) {
    const [, kind] = kinds[number % kinds.length] ?? [];
    makeRepository(place);
    mkdirSync(path.join(place.folder, 'out'), { recursive: true });
    place.expectEnd(await check(place), [1]);
    const then = before(place);
    await kind?.(place);
    write(place.root, { 'src/part.ts': 'export const part = 3;\n' });
    await expectAftermath(place, then);
  },
};
