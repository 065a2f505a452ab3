/** The browser part of the page. */
export interface PageAsset {
  readonly html: string;
  readonly css: string;
  readonly js: string;
}

/** The build puts it here. */
declare const PAGE_ASSET: PageAsset;

/**
 * The browser part.
 *
 * @throws Error when this code was not built by `scripts/build.mjs`
 */
export function pageAsset(): PageAsset {
  if (typeof PAGE_ASSET === 'undefined') throw new Error('The page has not been built: npm run build');
  return PAGE_ASSET;
}
