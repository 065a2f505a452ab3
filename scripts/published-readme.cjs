// The README of a package as the registry shows it, where it stands alone: sections of the main page that it links to come
// along, and no link is relative. As long as package.json has no "repository", other pages are named instead of linked.
const { posix } = require('node:path');
const { readFileSync } = require('node:fs');
const { packages, readJson, root } = require('./workspace.cjs');

const MAIN_PAGE = 'README.md';

/**
 * @param folder - the package's folder, from the root
 * @param pages - the texts of README and main page, and the address of the repository, if it has one
 */
function publishedReadme(folder, pages = readPages(folder)) {
  const { readme, mainPage, repository } = pages;
  const carried = sectionsOf(mainPage).filter(({ anchor }) => linksTo(readme, folder, anchor));
  const link = (from) => (whole, image, label, target) => {
    if (/^(?:https?:|mailto:|#)/.test(target)) return whole;
    const [path, anchor] = posix.join(from, target).split('#');
    if (image) return repository ? `![${label}](${repository}/raw/HEAD/${path})` : '';
    if (path === MAIN_PAGE && carried.some((section) => section.anchor === anchor)) return `[${label}](#${anchor})`;
    const hash = anchor ? `#${anchor}` : '';
    const neighbour = packages.find((each) => `${each.folder}/README.md` === path);
    if (neighbour) return `[${label}](https://www.npmjs.com/package/${neighbour.manifest.name}${hash})`;
    if (repository) return `[${label}](${repository}/blob/HEAD/${path}${hash})`;
    const name = label.replaceAll('`', '');
    return name === path ? `\`${path}\` in the repository` : `${label} (\`${path}\` in the repository)`;
  };
  const sections = carried.map(({ text }) => rewriteLinks(text, link('.')));
  return `${rewriteLinks(readme, link(folder))}\n${sections.join('')}`.trimEnd().concat('\n');
}

function readPages(folder) {
  const { url } = readJson('package.json').repository ?? {};
  return {
    readme: readFileSync(`${root}/${folder}/README.md`, 'utf8'),
    mainPage: readFileSync(`${root}/${MAIN_PAGE}`, 'utf8'),
    repository: url?.replace(/^git\+/, '').replace(/\.git$/, ''),
  };
}

/** The second-level sections of a page, each with the anchor that GitHub and npm make of its heading. */
function sectionsOf(page) {
  return page
    .split(/^(?=## )/m)
    .slice(1)
    .map((text) => ({ text, anchor: /^## (.*)/.exec(text)[1].toLowerCase().replaceAll(' ', '-') }));
}

function linksTo(readme, folder, anchor) {
  return readme.includes(`](${posix.relative(folder, MAIN_PAGE)}#${anchor})`);
}

/** Links and images outside code blocks. */
function rewriteLinks(markdown, link) {
  return markdown
    .split(/(^```.*?^```$)/ms)
    .map((part) => (part.startsWith('```') ? part : part.replaceAll(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, link)))
    .join('');
}

module.exports = { publishedReadme };
