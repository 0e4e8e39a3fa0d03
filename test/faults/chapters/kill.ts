import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { git, repository, write } from '../../engine/repository.js';
import { before, expectAftermath, expectNothingRuns, expectWholeDatabases } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, harmless, makeRepository, recordsFile, work } from '../healthy.js';
import type { Place } from '../place.js';
import { Window } from '../window.js';

/** A program, and what must hold however it ends. */
interface Program {
  readonly name: string;
  /** The longest that it usually takes, in milliseconds: it is killed at a random moment of that time. */
  readonly ms: number;
  readonly args: (turn: number) => readonly string[];
  readonly prepare?: (place: Place) => void;
  /** Asserts more, after each kill. */
  readonly then?: (place: Place) => void;
}

const fresh = (place: Place): string => path.join(place.folder, 'fresh');
const csv = (turn: number): string =>
  [
    'at,budget,metric,value,unit',
    ...Array.from(
      { length: 300 },
      (_, at) => `2026-0${1 + (turn % 9)}-01T00:0${at % 10}:${10 + (at % 50)}Z,healthy,time,${1000 + at},ns`,
    ),
  ].join('\n');

function parses(place: Place, file: string): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : null;
  try {
    if (text !== null) JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/,(\s*[}\]])/g, '$1'));
  } catch {
    place.fail(`${path.basename(file)} is half written: ${text?.slice(-200)}`);
  }
}

const inFresh = (place: Place): void => {
  repository(fresh(place));
  write(fresh(place), {
    'src/work.ts': work(100),
    'bench/a.bench.ts': readFileSync(path.join(place.root, 'bench/healthy.bench.ts')),
  });
};

const programs: readonly Program[] = [
  { name: 'check', ms: 2500, args: () => ['check'] },
  {
    name: 'check of all reports',
    ms: 2500,
    args: () => [
      'check',
      '--reporter',
      'html=../out/a.html',
      '--reporter',
      'junit=../out/a.xml',
      '--repeat-failures',
      '1',
    ],
  },
  { name: 'capture', ms: 3000, args: (turn) => ['capture', '--name', `v${turn}`, '--reason', 'slow is known'] },
  { name: 'capture --use', ms: 600, args: () => ['capture', '--use', 'first'] },
  { name: 'history', ms: 600, args: () => ['history', 'healthy'] },
  {
    name: 'history --share',
    ms: 1200,
    args: () => ['history', '--share', 'origin'],
    prepare: (place) => {
      const remote = path.join(place.folder, 'remote');
      mkdirSync(remote, { recursive: true });
      git(remote, 'init', '--quiet', '--bare');
      git(place.root, 'remote', 'add', 'origin', remote);
    },
    then: (place) => {
      for (const file of ['refs/notes/perf-budget.lock', 'packed-refs.lock'])
        if (existsSync(path.join(place.root, '.git', file))) place.fail(`.git/${file} was left`);
    },
  },
  { name: 'history --backfill', ms: 4000, args: () => ['history', '--backfill', '5', '--time', '100ms'] },
  {
    name: 'import',
    ms: 900,
    args: (turn) => ['import', '--format', 'csv', `../out/${turn}.csv`],
    prepare: (place) => {
      for (let turn = 0; turn <= kills; turn++) writeFileSync(path.join(place.folder, `out/${turn}.csv`), csv(turn));
    },
  },
  {
    name: 'record',
    ms: 600,
    args: (turn) => ['record', 'hand', `0.${turn}`],
    then: (place) => parses(place, path.join(place.root, recordsFile)),
  },
  { name: 'report', ms: 800, args: () => ['report', '--html', '../out/report.html'] },
  { name: 'export', ms: 600, args: () => ['export', '--format', 'csv', '--output', '../out/export.csv'] },
  {
    name: 'init',
    ms: 2500,
    args: () => ['-C', '../fresh', 'init'],
    prepare: inFresh,
    then: (place) => {
      const file = path.join(fresh(place), 'perf-budget.jsonc');
      parses(place, file);
      rmSync(file, { force: true });
    },
  },
  { name: 'the editor', ms: 4000, args: () => [] },
];

/** How often a program is killed in one repository before all is looked at. */
const kills = 10;

export const kill: Chapter = {
  name: 'kill',
  title: '`kill -9` of every program at random moments',
  share: 4,
  cases: 8 * programs.length,
  label: (number) => programs[number % programs.length]?.name ?? '',
  async run(place, number) {
    const program = programs[number % programs.length];
    if (program === undefined) return;
    makeRepository(place);
    mkdirSync(path.join(place.folder, 'out'), { recursive: true });
    place.expectEnd(await check(place), [1]);
    const first = await place.perfBudget(['capture', '--name', 'first', '--reason', 'slow is known']);
    place.expectEnd(first, [0]);
    place.expectEnd(await place.perfBudget(['capture', '--use', 'none']), [0]);
    program.prepare?.(place);
    const then = before(place);
    for (let turn = 0; turn < kills; turn++) {
      // Another save, so that there is something to do.
      write(place.root, { 'src/work.ts': work(2_002 + turn) });
      if (program.name === 'the editor') await killEditor(place, program.ms);
      else await killProgram(place, program, turn);
      await expectNothingRuns(place, `after kill ${turn + 1} of \`${program.name}\``);
      program.then?.(place);
      expectWholeDatabases(place);
    }
    // What was killed can be done.
    if (program.name !== 'the editor') {
      const again = await place.perfBudget(program.args(kills));
      place.expectEnd(again, /check|history --backfill/.test(program.name) ? [0, 1] : [0]);
    }
    place.expectEnd(await place.perfBudget(['capture', '--use', 'none']), [0]);
    await expectAftermath(place, then);
  },
};

async function killProgram(place: Place, { args, ms }: Program, turn: number): Promise<void> {
  const ended = await place.perfBudget(args(turn), { killAfterMs: Math.ceil(place.random.uniform() * ms) });
  place.count(ended.signal === 'SIGKILL' ? 'kills' : 'ends before the kill');
  if (ended.signal !== 'SIGKILL') place.expectEnd(ended, [0, 1]);
}

async function killEditor(place: Place, ms: number): Promise<void> {
  const window = new Window(place);
  void window.order({ do: 'run', budgets: harmless, fresh: true });
  await sleep(Math.ceil(place.random.uniform() * ms));
  window.kill();
  place.count('kills');
}
