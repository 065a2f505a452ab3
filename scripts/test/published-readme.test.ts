import { publishedReadme } from '../published-readme.cjs';
import { published } from '../workspace.cjs';

const mainPage = `# Main

## Install

Not carried.

## Options

See [the fleet](docs/fleet.md), [Errors](#errors) and [core](packages/core/README.md#the-token-source).

## Errors

None.
`;
const readme = `# Package

[options](../../README.md#options), [install](../../README.md), [\`docs/fleet.md\`](../../docs/fleet.md),
[other](../redis/README.md), [elsewhere](https://example.com), [below](#package)

\`\`\`js
links['here'](relative);
\`\`\`
`;

test('sections of the main page that a package page links to come along, and nothing else does', () => {
  const page = publishedReadme('packages/axios', { readme, mainPage, repository: 'https://example.com/repository' });
  expect(page).toContain('[options](#options)');
  expect(page).toContain('\n## Options\n');
  expect(page).not.toContain('Not carried');
});

test('links become absolute, to the repository or to the neighbour on the registry; code stays as it is', () => {
  const page = publishedReadme('packages/axios', { readme, mainPage, repository: 'https://example.com/repository' });
  expect(page).toContain('[install](https://example.com/repository/blob/HEAD/README.md)');
  expect(page).toContain('[the fleet](https://example.com/repository/blob/HEAD/docs/fleet.md)');
  expect(page).toContain('[other](https://www.npmjs.com/package/@open-banking-auth/redis)');
  expect(page).toContain('[core](https://www.npmjs.com/package/@open-banking-auth/core#the-token-source)');
  expect(page).toContain('[elsewhere](https://example.com), [below](#package)');
  expect(page).toContain("links['here'](relative);");
});

test('a picture comes from the repository, and is left out without its address', () => {
  const withPicture = { readme: 'Before ![A page](../../docs/page.png) after', mainPage };
  const page = (repository: string | undefined) => publishedReadme('packages/axios', { ...withPicture, repository });
  expect(page('https://example.com/r')).toContain('![A page](https://example.com/r/raw/HEAD/docs/page.png)');
  expect(page(undefined)).toContain('Before  after');
});

test('without an address of the repository, its pages are named', () => {
  const page = publishedReadme('packages/axios', { readme, mainPage, repository: undefined });
  expect(page).toContain('install (`README.md` in the repository), `docs/fleet.md` in the repository');
});

test.each(published.map(({ folder }) => folder))(
  'no link in the published page of %s is relative or broken',
  (folder) => {
    const page = publishedReadme(folder).replaceAll(/^```.*?^```$/gms, '');
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(({ 1: heading = '' }) => anchorOf(heading));
    const links = [...page.matchAll(/\]\(([^)]*)\)/g)].map(({ 1: target = '' }) => target);
    expect(links.filter((target) => !target.startsWith('#') && !target.startsWith('https://'))).toEqual([]);
    expect(links.filter((target) => target.startsWith('#') && !headings.includes(target.slice(1)))).toEqual([]);
  },
);

test.each(['axios', 'core', 'ky'])('the published page of %s has all options and errors', (name) => {
  const page = publishedReadme(`packages/${name}`);
  for (const word of ['`refreshAhead`', '`token_request_paused`', '`request.unauthorized`'])
    expect(page).toContain(word);
});

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
