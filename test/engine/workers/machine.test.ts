import { expect, test } from 'vitest';
import { unknownMachine, type Machine } from '../../../src/core/results/measurement.js';
import {
  describeMachine,
  machineId,
  powerOnLinux,
  powerOnMac,
  virtualOnLinux,
} from '../../../src/engine/workers/machine.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';

const supply = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([key, value]) => `POWER_SUPPLY_${key}=${value}\n`)
    .join('');
const adapter = (online: 0 | 1): string => supply({ NAME: 'AC', TYPE: 'Mains', ONLINE: `${online}` });
const battery = (status: string): string =>
  supply({ NAME: 'BAT0', TYPE: 'Battery', STATUS: status, PRESENT: '1', CAPACITY: '84' });
const mouse = supply({ NAME: 'hidpp_battery_0', TYPE: 'Battery', STATUS: 'Discharging', SCOPE: 'Device', ONLINE: '1' });
const usbC = supply({ NAME: 'ucsi-source-psy-1', TYPE: 'USB', ONLINE: '1', USB_TYPE: 'C [PD]' });

test.each<[string, readonly string[], Machine['power']]>([
  ['a laptop at its adapter', [adapter(1), battery('Charging')], 'mains'],
  ['full at its adapter', [battery('Full'), adapter(1)], 'mains'],
  ['unplugged', [adapter(0), battery('Discharging')], 'battery'],
  ['charged through USB', [adapter(0), usbC, battery('Not charging')], 'mains'],
  ['no adapter is listed', [battery('Charging')], 'mains'],
  ['a desktop with a mouse', [mouse], null],
  ['a virtual machine', [], null],
])('power on Linux: %s', (_, uevents, power) => {
  expect(powerOnLinux(uevents)).toBe(power);
});

test.each<[string, Machine['power']]>([
  [
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=4653155)\t100%; charged; 0:00 remaining present: true\n",
    'mains',
  ],
  ["Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t84%; discharging; 5:12 remaining\n", 'battery'],
  ["Now drawing from 'UPS Power'\n", 'battery'],
  ['', null],
])('power on macOS: %j', (printed, power) => {
  expect(powerOnMac(printed)).toBe(power);
});

const x86 = (flags: string): string =>
  `processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu vme ${flags} lahf_lm\nbugs\t\t: x\n`;
const arm = 'processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes\nCPU implementer\t: 0x41\n';

test.each<[string, string, readonly string[], boolean | null]>([
  ['an x86 guest', x86('hypervisor'), [], true],
  ['an x86 host', x86('aes'), ['LENOVO', '20XW', 'LENOVO', 'LENOVO'], false],
  ['an ARM guest', arm, ['QEMU', 'KVM Virtual Machine', '', 'EDK II'], true],
  ['an ARM instance', arm, ['Amazon EC2', 'm7g.large', 'Amazon EC2', 'Amazon EC2'], true],
  ['ARM on bare metal', arm, ['Amazon EC2', 'm7g.metal', 'Amazon EC2', 'Amazon EC2'], false],
  ['a board without firmware names', arm, [], null],
])('virtual on Linux: %s', (_, cpuinfo, firmware, virtual) => {
  expect(virtualOnLinux(cpuinfo, firmware)).toBe(virtual);
});

const laptop: Machine = {
  ...{ cpu: 'AMD Ryzen 7', cores: 16, os: 'Linux 6.8.0-45-generic x64', node: '24.21.0' },
  ...{ power: 'mains', governor: 'powersave', virtual: false, memory: 32e9 },
};

test('a machine stays itself after a kernel update, a patch of Node, and on battery', () => {
  const later: Machine = {
    ...laptop,
    os: 'Linux 6.9.1 x64',
    node: '24.21.3',
    power: 'battery',
    governor: 'performance',
  };
  expect(machineId(laptop)).toMatch(/^[0-9a-f]{16}$/);
  expect(machineId(later)).toBe(machineId(laptop));
});

test('what makes its figures others makes it another machine', () => {
  const others: readonly Machine[] = [
    laptop,
    { ...laptop, cpu: 'AMD Ryzen 9' },
    { ...laptop, cores: 8 },
    { ...laptop, os: 'Linux 6.8.0-45-generic arm64' },
    { ...laptop, os: 'Darwin 24.1.0 x64' },
    { ...laptop, node: '24.22.0' },
    { ...laptop, node: '22.21.0' },
    { ...laptop, virtual: true },
    { ...laptop, virtual: null },
    unknownMachine,
  ];
  expect(new Set(others.map(machineId)).size).toBe(others.length);
});

test('this machine is described', async () => {
  const machine = await describeMachine(await findRuntime(null));
  expect(machine.node).toMatch(/^\d+\.\d+\.\d+$/);
  expect(machine.memory).toBeGreaterThan(1e8);
  expect(['mains', 'battery', null]).toContain(machine.power);
  if (process.platform === 'linux' && process.arch === 'x64') expect(machine.virtual).toEqual(expect.any(Boolean));
  const nowhere = await describeMachine({ ...(await findRuntime(null)), command: '/no/such/node' });
  expect(nowhere.node).toBe('unknown');
});
