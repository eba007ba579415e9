import { servePassesItsOwn } from './own-serve.ts';

servePassesItsOwn('httpd-2');
