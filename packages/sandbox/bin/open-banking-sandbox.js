#!/usr/bin/env node
// A file of its own, because package managers link a bin at install time, before anything is built.
import '../dist/esm/command-line/bin.js';
