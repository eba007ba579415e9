import { describe, expect, it } from 'vitest';
import { composeMessage } from '../../src/client/compose.ts';

function compose(line: string, options: { wildcard?: boolean; force?: boolean } = {}) {
  const [command = '', ...words] = line.split(' ');
  return composeMessage(command, words, { wildcard: options.wildcard ?? false, force: options.force ?? false });
}

describe('a message as it is typed', () => {
  it('is sent with the names spelled as everybody spells them', () => {
    expect(compose('enable-app jvmroute=a CONTEXT=/x alias=h')).toMatchObject({
      method: 'ENABLE-APP',
      target: '/',
      pairs: [
        ['JVMRoute', 'a'],
        ['Context', '/x'],
        ['Alias', 'h'],
      ],
      warnings: [],
    });
  });

  it.each([
    ['REMOVE-APP JVMRoute=a /*', {}, '/*'],
    ['REMOVE-APP /* JVMRoute=a', {}, '/*'],
    ['REMOVE-APP JVMRoute=a *', {}, '/*'],
    ['REMOVE-APP JVMRoute=a', { wildcard: true }, '/*'],
    ['INFO', {}, '/'],
    ['INFO /proxy/', {}, '/proxy/'],
  ])('%s %o goes to the target %s %s', (line, options, target) => {
    expect(compose(line, options).target).toBe(target);
  });

  it('keeps everything behind the first = as the value', () => {
    expect(compose('STATUS JVMRoute=a=b').pairs).toEqual([['JVMRoute', 'a=b']]);
  });

  it.each([
    ['STATSU JVMRoute=a', 'MCMP_UNKNOWN_COMMAND', 'STATUS'],
    ['ENABLE_APP JVMRoute=a', 'MCMP_UNKNOWN_COMMAND', 'ENABLE-APP'],
    ['STATUS JVMRout=a', 'MCMP_UNKNOWN_FIELD', 'JVMRoute'],
    ['CONFIG JVMRoute=a StickySesionForce=no', 'MCMP_UNKNOWN_FIELD', 'StickySessionForce'],
    ['STATUS JVMRoute=a Context=/x', 'MCMP_UNKNOWN_FIELD', 'STATUS takes JVMRoute, Load'],
    ['INFO JVMRoute=a', 'MCMP_UNKNOWN_FIELD', 'INFO takes no fields'],
  ])('is refused as %s with %s, and says what was meant', (line, code, hint) => {
    expect(() => compose(line)).toThrow(
      expect.objectContaining({ kind: 'usage', code, hint: expect.stringContaining(hint) }),
    );
    expect(compose(line, { force: true }).method).not.toBe('');
  });

  it.each(['STATUS JVMRoute', 'STATUS =a', 'REMOVE-APP /* /x', 'BAD(METHOD'])('is refused as %s', (line) => {
    expect(() => compose(line, { force: line.startsWith('BAD') })).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('is sent as it is when forced', () => {
    expect(compose('NoSuch a=b', { force: true })).toMatchObject({ method: 'NoSuch', pairs: [['a', 'b']] });
    expect(compose('STATUS nonsense=1 jvmroute=x', { force: true }).pairs).toEqual([
      ['nonsense', '1'],
      ['JVMRoute', 'x'],
    ]);
  });

  it('may be one of the commands that only the old modules know', () => {
    expect(compose('QUERY JGroupUuid=*')).toMatchObject({ method: 'QUERY', pairs: [['JGroupUuid', '*']] });
  });
});

describe('a message that can be sent', () => {
  it.each([
    [`CONFIG JVMRoute=${'r'.repeat(64)} Type=http Host=h Port=1`, 'JVMRoute has 64 bytes; httpd takes at most 63'],
    [
      `CONFIG JVMRoute=a Context=/ok,/${'c'.repeat(80)} Alias=h Type=http Host=h Port=1`,
      'Context has 81 bytes; httpd takes at most 79',
    ],
    ['CONFIG JVMRoute=a Domain=äöüäöüäöüä Type=http Host=h Port=1', 'Domain has 20 bytes'],
    ['CONFIG JVMRoute=<b> Type=http Host=h Port=1', 'balancers refuse'],
    ['CONFIG JVMRoute=a Type=http Port=1 Host=', 'Host is empty'],
    ['CONFIG JVMRoute=a StickySessionForce=False Type=http Host=h Port=1', 'is no boolean of MCMP'],
    ['CONFIG Type=http Port=1 Host=x', 'JVMRoute is missing'],
    ['CONFIG JVMRoute=a Type=http Port=1 Host=0.0.0.0', 'no address that a balancer can connect to'],
    ['CONFIG JVMRoute=a Type=http', 'Host, Port not given: the balancer takes Host=localhost, Port=8009'],
    ['CONFIG JVMRoute=a Host=h Port=1', 'Type not given: the balancer takes Type=ajp'],
    ['ENABLE-APP JVMRoute=a Alias=h Context=shop', 'the context shop does not begin with a slash'],
    ['STATUS JVMRoute=a', 'httpd 1.3 puts the node into error'],
    ['STATUS JVMRoute=a Load=97.5', 'Load is an integer'],
    ['STATUS JVMRoute=a Load=101', 'Load is an integer'],
    ['ENABLE-APP JVMRoute=a Alias=h', 'Alias and Context are both needed'],
    ['ENABLE-APP JVMRoute=a Alias=h Context=/a,/b', 'Undertow'],
    ['STOP-APP JVMRoute=a Context=/a /*', 'Alias and Context are ignored'],
    ['INFO /*', 'means nothing to INFO'],
  ])('but may go wrong is sent with a warning: %s', (line, warning) => {
    expect(compose(line).warnings).toEqual([expect.stringContaining(warning)]);
  });

  it.each([
    `CONFIG JVMRoute=${'r'.repeat(63)} Host=127.0.0.1 Port=8080 Type=http StickySession=Yes Reversed=off`,
    'STATUS JVMRoute=a Load=-1',
    'STATUS JVMRoute=a Load=100',
    'ENABLE-APP JVMRoute=a Alias=a,b Context=/',
    'REMOVE-APP JVMRoute=a /*',
    'PING',
    'PING Scheme=http Host=127.0.0.1 Port=80',
    'DUMP',
  ])('and will do well is sent without one: %s', (line) => {
    expect(compose(line).warnings).toEqual([]);
  });
});
