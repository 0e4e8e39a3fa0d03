import { randomInt } from 'node:crypto';
import process from 'node:process';
import { styleText } from 'node:util';
import { visible } from '../../core/text/escape.js';

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output, if the terminal, NO_COLOR and FORCE_COLOR allow it. */
export type Paint = (format: Format, text: string) => string;

const escape = '\u001b';

/**
 * Stands for the escape character in our colours until they are written. Text of others cannot contain it, because it is drawn
 * anew at each start, from characters that mean nothing.
 */
const stand = String.fromCodePoint(...[1, 2].map(() => randomInt(0x10_0000, 0x10_fffd)));

const anyColor = String.raw`${stand}\[[\d;]*m`;

/** Matches one of our colours in painted text. */
export const color = new RegExp(`(${anyColor})`, 'u');
const everyColor = new RegExp(anyColor, 'gu');

/** Where a line begins with two colons. */
const command = new RegExp(String.raw`^((?:${anyColor}|[^\S\n])*):(?=:)`, 'gmu');

export const paint: Paint = (format, text) =>
  text === '' ? '' : styleText(format, visible(text), { stream: process.stdout }).replaceAll(escape, stand);

/** Returns painted text without its colours. */
export const unpainted = (text: string): string => text.replaceAll(everyColor, '');

/**
 * Puts a space into what the service that runs a build would read as a command: GitHub's begin a line, as `::error::`; GitHub's old
 * ones, Azure's and TeamCity's may be anywhere, as `##vso[`. Done once more, it changes nothing.
 */
export const withoutCommands = (text: string): string =>
  text.replaceAll(command, '$1: ').replaceAll(/#(?=#\w*\[)/g, '# ');

/**
 * Returns painted text as a terminal may get it: the colours are ours, every other control character is written as an escape, and
 * nothing reads as a command to the service that runs a build.
 */
export const terminalText = (text: string): string =>
  withoutCommands(visible(text).replaceAll('\t', '  ')).replaceAll(stand, escape);
