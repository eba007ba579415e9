import { servePassesItsOwn } from './own-serve.ts';

servePassesItsOwn('httpd-1.3');
