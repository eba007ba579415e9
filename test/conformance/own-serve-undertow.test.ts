import { servePassesItsOwn } from './own-serve.ts';

servePassesItsOwn('undertow');
