#!/usr/bin/env node
// A file of its own, because package managers link a bin at install time, before anything is built.
import { createRequire } from 'node:module';
import { main } from '../dist/esm/command-line/bin.js';

main(createRequire(import.meta.url)('../package.json').version);
