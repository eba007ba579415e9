import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: said the system`), { code });
}

function throwing(code: string): Writable {
  const stream = new Writable();
  stream.write = () => {
    throw failure(code);
  };
  return stream;
}

describe('what is written to stdout', () => {
  it('is dropped once its reader has gone, which is told once', () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
    const onReaderGone = vi.fn();
    const out = createOutput(stream, onReaderGone);
    stream.emit('error', failure('EPIPE'));
    stream.emit('error', failure('EPIPE'));
    out.line('too late');
    expect(onReaderGone).toHaveBeenCalledTimes(1);
    expect(stream.writableLength).toBe(0);
  });

  it('fails with a reason when it cannot be written, not as a bug of ours', () => {
    const reason = expect.objectContaining({ kind: 'unreachable', code: 'MCMP_OUTPUT' });
    const later = new Writable();
    createOutput(later, vi.fn());
    expect(() => later.emit('error', failure('ENOSPC'))).toThrow(reason);
    expect(() => createOutput(throwing('ENOSPC'), vi.fn()).line('at once')).toThrow(reason);
  });
});
