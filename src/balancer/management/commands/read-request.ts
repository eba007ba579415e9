import { bytesOf } from '../../../core/mcmp/bytes.ts';
import { COMMANDS, methodOf } from '../../../core/mcmp/commands.ts';
import { fieldRow, fieldsOf, findField } from '../../../core/mcmp/fields.ts';
import type { AppCommandName, McmpMethod } from '../../../core/mcmp/types.ts';
import { closestName } from '../../../core/suggest.ts';
import { badBody } from './refusal.ts';

/** One message, its fields in their order; byte strings. */
export interface Wish {
  readonly method: McmpMethod;
  /** The `/*` form. */
  readonly wildcard: boolean;
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

/** Which nodes and contexts a command is for, as text; whatever is given must hold. */
export interface Target {
  readonly node: string | undefined;
  readonly domain: string | undefined;
  readonly balancer: string | undefined;
  readonly alias: string | undefined;
  readonly context: string | undefined;
}

export type CommandRequest = { readonly dryRun: boolean } & (
  | { readonly wish: Wish }
  | { readonly method: AppCommandName; readonly target: Target }
);

type Members = ReadonlyMap<string, unknown>;

const TARGETS = ['node', 'domain', 'balancer', 'alias', 'context'] as const satisfies readonly (keyof Target)[];
const OF_ALL = ['command', 'dryRun'] as const;
const FORMS = {
  fields: [...OF_ALL, 'fields', 'wildcard'],
  route: [...OF_ALL, 'route', 'aliases', 'contexts', 'wildcard', 'load'],
  target: [...OF_ALL, ...TARGETS, 'route'],
} as const;
const ALL_NAMES = [...new Set<string>([...FORMS.fields, ...FORMS.route, ...FORMS.target])];

const APP_COMMANDS: readonly AppCommandName[] = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'];

/**
 * Reads what is asked for: one message with its fields, the same for a route with its own members, or a command for all
 * that a target matches. MCMP says JVMRoute for the name of a node, so within a target `route` means `node`.
 *
 * @throws CommandRefusal 400
 */
export function readRequest(members: Members): CommandRequest {
  const method = readCommand(members.get('command'));
  const dryRun = readFlag(members, 'dryRun');
  const form = formOf(members);
  for (const name of members.keys()) if (!isIn(FORMS[form], name)) throw unknownMember(name, form);
  const wildcard = readFlag(members, 'wildcard');
  if (wildcard && !COMMANDS[method].wildcard) throw badBody(`${method} has no wildcard form`);
  if (form === 'fields')
    return { dryRun, wish: { method, wildcard, pairs: readFields(method, members.get('fields')) } };
  if (form === 'route') return { dryRun, wish: { method, wildcard, pairs: readRouteForm(method, wildcard, members) } };
  return readTargetForm(method, dryRun, members);
}

function formOf(members: Members): keyof typeof FORMS {
  if (members.has('fields')) return 'fields';
  return members.has('route') && !TARGETS.some((name) => members.has(name)) ? 'route' : 'target';
}

function readCommand(value: unknown): McmpMethod {
  const names = Object.keys(COMMANDS);
  if (typeof value !== 'string') throw badBody('"command" has to name a command', `There are ${names.join(', ')}.`);
  const method = methodOf(value);
  if (method === undefined) {
    const meant = closestName(value.slice(0, 100), names);
    const hint = meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${meant}?`;
    throw badBody(`there is no command "${value.slice(0, 100)}"`, hint);
  }
  if (method === 'INFO' || method === 'DUMP' || method === 'VERSION') {
    throw badBody(`${method} only looks`, 'GET /api/v1/state tells the same and more.');
  }
  return method;
}

function readTargetForm(method: McmpMethod, dryRun: boolean, members: Members): CommandRequest {
  const app = APP_COMMANDS.find((name) => name === method);
  if (app === undefined) {
    throw badBody(
      `${method} needs "fields"`,
      `For example { "command": "${method}", "fields": { "JVMRoute": "n1" } }.`,
    );
  }
  if (members.has('node') && members.has('route')) {
    throw badBody('"node" does not go together with "route"', 'Both name a node: give one of them.');
  }
  const target: Target = {
    node: readName(members, members.has('route') ? 'route' : 'node'),
    domain: readName(members, 'domain'),
    balancer: readName(members, 'balancer'),
    alias: readName(members, 'alias'),
    context: readName(members, 'context'),
  };
  if (TARGETS.every((name) => target[name] === undefined)) {
    throw badBody('nothing says what the command is for', `Name a route with its contexts, or ${TARGETS.join(', ')}.`);
  }
  return { dryRun, method: app, target };
}

function readRouteForm(method: McmpMethod, wildcard: boolean, members: Members): [string, string][] {
  const pairs: [string, string][] = [['JVMRoute', textAsBytes(members.get('route'), '"route"')]];
  for (const [member, field] of [
    ['aliases', 'Alias'],
    ['contexts', 'Context'],
    ['load', 'Load'],
  ] as const) {
    const value = members.get(member);
    if (value === undefined) continue;
    if (findField(method, field) === undefined) throw badBody(`${method} takes no "${member}"`);
    if (wildcard) throw badBody(`with "wildcard" the command is for all contexts, and takes no "${member}"`);
    if (member !== 'load' && !Array.isArray(value)) throw badBody(`"${member}" has to be a list of strings`);
    pairs.push([field, fieldValue(value, `"${member}"`, member !== 'load')]);
  }
  return pairs;
}

function readFields(method: McmpMethod, value: unknown): [string, string][] {
  const entries: unknown[] = Array.isArray(value) ? value : entriesOf(value);
  return entries.map((entry) => {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string') {
      throw badBody('"fields" has to be an object, or a list of [name, value]');
    }
    const [name, content]: readonly unknown[] = entry;
    const field = findField(method, String(name));
    if (field === undefined) throw unknownField(method, String(name));
    const { kind } = fieldRow(field);
    return [field, fieldValue(content, `the field ${field}`, kind === 'aliases' || kind === 'contexts')];
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null) return Object.entries(value);
  throw badBody('"fields" has to be an object, or a list of [name, value]');
}

/** @param where in words, for messages */
function fieldValue(value: unknown, where: string, isList: boolean): string {
  if (Array.isArray(value)) {
    if (!isList) throw badBody(`${where} takes one value`);
    return value.map((element: unknown) => listElement(element, where)).join(',');
  }
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return textAsBytes(value, where);
}

function listElement(value: unknown, where: string): string {
  const element = textAsBytes(value, `each element of ${where}`);
  // MCMP separates elements by commas and has no way to write one in an element.
  if (element === '' || element.includes(',')) throw badBody(`an element of ${where} is empty or has a comma in it`);
  return element;
}

function textAsBytes(value: unknown, where: string): string {
  if (typeof value !== 'string') throw badBody(`${where} has to be a string`);
  if (/\p{Surrogate}/u.test(value)) throw badBody(`${where} holds half of a surrogate pair, which is no character`);
  return bytesOf(value);
}

function readName(members: Members, name: string): string | undefined {
  const value = members.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw badBody(`"${name}" has to be a string that is not empty`);
  return value;
}

function readFlag(members: Members, name: string): boolean {
  const value = members.get(name);
  if (value !== undefined && typeof value !== 'boolean') throw badBody(`"${name}" has to be true or false`);
  return value === true;
}

function unknownMember(name: string, form: keyof typeof FORMS): Error {
  const shown = name.slice(0, 100);
  if (ALL_NAMES.includes(name)) {
    const with_ = form === 'target' ? 'a target' : `"${form}"`;
    return badBody(`"${shown}" does not go together with ${with_}`, `With it go ${FORMS[form].join(', ')}.`);
  }
  const meant = closestName(shown, ALL_NAMES);
  const hint = meant === undefined ? `There are ${ALL_NAMES.join(', ')}.` : `Did you mean "${meant}"?`;
  return badBody(`the body has "${shown}", which is not known`, hint);
}

function unknownField(method: McmpMethod, name: string): Error {
  const fields = fieldsOf(method);
  const meant = closestName(name.slice(0, 100), fields);
  const hint = meant === undefined ? `It has ${fields.join(', ')}.` : `Did you mean ${meant}?`;
  return badBody(`${method} has no field "${name.slice(0, 100)}"`, hint);
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
