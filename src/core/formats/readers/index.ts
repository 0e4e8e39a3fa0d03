import { err } from '../../result.js';
import { readBencher } from './bencher.js';
import { readBenchee } from './benchee.js';
import { readBenchmarkDotNet } from './benchmarkdotnet.js';
import { readCriterion } from './criterion.js';
import { readGithubActionBenchmark } from './github-action-benchmark.js';
import { readGo } from './go.js';
import { readGoogleBenchmark } from './google-benchmark.js';
import { readHyperfine } from './hyperfine.js';
import { readJmh } from './jmh.js';
import { readMitata } from './mitata.js';
import { readerNames, type ReaderName } from '../../language/reader-names.js';
import { readPytestBenchmark } from './pytest-benchmark.js';
import { Output, type Reader, type Reading } from './reader.js';
import { readTinybench } from './tinybench.js';
import { readVitest } from './vitest.js';

export type { Figure, ReadBenchmark, Reading } from './reader.js';

const readers: Readonly<Record<ReaderName, Reader>> = {
  bencher: readBencher,
  benchee: readBenchee,
  benchmarkdotnet: readBenchmarkDotNet,
  criterion: readCriterion,
  'github-action-benchmark': readGithubActionBenchmark,
  go: readGo,
  'google-benchmark': readGoogleBenchmark,
  hyperfine: readHyperfine,
  jmh: readJmh,
  mitata: readMitata,
  'pytest-benchmark': readPytestBenchmark,
  tinybench: readTinybench,
  vitest: readVitest,
};

/** Reads the output of a tool. The error is one sentence; if the output is another tool's, it names that tool and the way out. */
export function read(
  format: ReaderName,
  text: string,
  wayOut = (other: ReaderName) => `write "reads": "${other}"`,
): Reading {
  const output = new Output(text);
  const reading = readers[format](output);
  if (reading.ok) return reading;
  const other = readerNames.find((name) => name !== format && readers[name](output).ok);
  if (other === undefined) return err(`This cannot be read as ${format}'s output. ${reading.error}`);
  return err(`This is ${other}'s output, not ${format}'s: ${wayOut(other)}.`);
}
