import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Machine } from '../../core/results/measurement.js';
import { outputOf } from '../processes/output.js';
import type { Runtime } from './runtime.js';

/** Describes the machine that measures; `node` is the version that benchmarks run on, or `unknown` if it cannot start. */
export async function describeMachine(runtime: Runtime): Promise<Machine> {
  const cpus = os.cpus();
  const [version, power, governor, virtual] = await Promise.all([
    versionOf(runtime),
    powerSource(),
    text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    isVirtual(),
  ]);
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: version?.replace(/^v/, '') ?? 'unknown',
    power,
    governor,
    virtual,
    memory: os.totalmem(),
  };
}

/** Returns the version of a Node; it need not start if it is the one that runs this program. */
async function versionOf({ command, env }: Runtime): Promise<string | null> {
  const [asked, own] = await Promise.all([command, process.execPath].map((file) => realpath(file).catch(() => null)));
  return asked !== null && asked === own ? process.versions.node : outputOf(command, ['--version'], env);
}

/**
 * Returns an id for everything that makes absolute figures comparable: processor, cores, system and architecture, Node's minor
 * version, and whether it is a virtual machine. It stays the same after a kernel update and on battery.
 */
export function machineId({ cpu, cores, os: system, node, virtual }: Machine): string {
  const words = system.split(' ');
  const parts = [cpu, cores, words[0], words.at(-1), node.split('.', 2), virtual];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Returns what powers the machine now. Windows is not asked, because it would take a second of PowerShell. */
export async function powerSource(): Promise<Machine['power']> {
  if (process.platform === 'darwin') return powerOnMac((await outputOf('pmset', ['-g', 'batt'])) ?? '');
  if (process.platform !== 'linux') return null;
  const folder = '/sys/class/power_supply';
  const names = await readdir(folder).catch(() => []);
  const uevents = await Promise.all(names.map((name) => text(path.join(folder, name, 'uevent'))));
  return powerOnLinux(uevents.map((uevent) => uevent ?? ''));
}

async function isVirtual(): Promise<boolean | null> {
  if (process.platform === 'darwin') {
    const present = await outputOf('sysctl', ['-n', 'kern.hv_vmm_present']);
    return present === '1' ? true : present === '0' ? false : null;
  }
  if (process.platform !== 'linux') return null;
  const names = ['sys_vendor', 'product_name', 'board_vendor', 'bios_vendor'];
  const [cpuinfo, ...firmware] = await Promise.all([
    text('/proc/cpuinfo'),
    ...names.map((name) => text(`/sys/class/dmi/id/${name}`)),
  ]);
  const found = firmware.flatMap((name) => name ?? []);
  return virtualOnLinux(cpuinfo ?? '', found);
}

/** Reads the source from each `uevent` in /sys/class/power_supply (Linux, Documentation/ABI/testing/sysfs-class-power). */
export function powerOnLinux(uevents: readonly string[]): Machine['power'] {
  const value = (uevent: string, key: string): string | undefined =>
    new RegExp(`^POWER_SUPPLY_${key}=(.*)$`, 'm').exec(uevent)?.[1]?.trim();
  // A mouse has a battery, too.
  const own = uevents.filter((uevent) => value(uevent, 'SCOPE') !== 'Device');
  const batteries = own.filter((uevent) => value(uevent, 'TYPE') === 'Battery');
  if (own.some((uevent) => !batteries.includes(uevent) && Number(value(uevent, 'ONLINE')) > 0)) return 'mains';
  if (batteries.some((uevent) => value(uevent, 'STATUS') === 'Discharging')) return 'battery';
  return batteries.length > 0 ? 'mains' : null;
}

/** Reads the source from what `pmset -g batt` prints. */
export function powerOnMac(printed: string): Machine['power'] {
  const source = /Now drawing from '(.*)'/.exec(printed)?.[1];
  return source === 'AC Power' ? 'mains' : source === 'Battery Power' || source === 'UPS Power' ? 'battery' : null;
}

/** Recognises a guest as systemd's `src/basic/virt.c` does: by the processor's flag and the firmware names of hypervisors. */
export function virtualOnLinux(cpuinfo: string, firmware: readonly string[]): boolean | null {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(/\s+/);
  if (flags?.includes('hypervisor') === true) return true;
  // Amazon's bare metal has Amazon's firmware.
  const metal = firmware.some((name) => name.includes('.metal'));
  if (!metal && firmware.some((name) => hypervisor.test(name))) return true;
  // Processors other than x86 have no such flag.
  return flags !== undefined || firmware.length > 0 ? false : null;
}

const hypervisor =
  /^(KVM|OpenStack|KubeVirt|Amazon EC2|QEMU|VMware|VMW|innotek GmbH|VirtualBox|Oracle Corporation VirtualBox|Xen|Bochs|Parallels|BHYVE|Hyper-V|Virtual Machine|Apple Virtualization|Google Compute Engine)/;

const text = async (file: string): Promise<string | null> => {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.trim() === '' ? null : content.trim();
};
