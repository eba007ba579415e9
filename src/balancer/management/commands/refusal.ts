import { type ApiError, errorOf, type WholeAnswer } from '../route.ts';

/** A request for commands that makes no sense as it stands: nothing was done. */
export class CommandRefusal extends Error {
  override readonly name = 'CommandRefusal';
  readonly answer: WholeAnswer;

  constructor(status: 400 | 404 | 422, error: ApiError) {
    super(error.error);
    this.answer = errorOf(status, error);
  }
}

export function badBody(error: string, hint?: string): CommandRefusal {
  return new CommandRefusal(400, { code: 'MCMP_BAD_BODY', error, ...(hint === undefined ? {} : { hint }) });
}
