// tinybench <module>: the mean time of its `work` in milliseconds, as tinybench measures it when nothing is set.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Bench } from 'tinybench';

const { work } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { work: () => unknown };
const bench = new Bench();
bench.add('work', () => work());
const [task] = await bench.run();
console.log(JSON.stringify(task?.result));
