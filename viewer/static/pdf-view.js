// Draws a PDF with PDF.js's components. The browser is never handed a document as a file.

import { focusQuietly, ignore, onDetail } from "./dom.js";
import { onPinch } from "./pinch.js";
import { rememberedPlace, rememberedZoom, rememberPlace, rememberZoom } from "./session-state.js";

/** @import * as Api from "pdfjs-dist" */
/** @import * as Components from "pdfjs-dist/web/pdf_viewer.mjs" */
/** @import { Content } from "./content.js" */
/** @import { Point } from "./pinch.js" */
/** @import { Shell } from "./shell.js" */

/**
 * PDF.js, loaded.
 *
 * @typedef {object} PdfJs
 * @property {typeof Api} api
 * @property {typeof Components} components
 * @property {Api.PDFWorker} worker
 * @property {string} folder its address, with a slash at the end
 */

/**
 * What `assemble` builds.
 *
 * @typedef {object} Assembly
 * @property {Components.EventBus} bus
 * @property {Components.PDFLinkService} links
 * @property {Components.PDFViewer} viewer
 */

const CHUNK = 64 * 1024; // bytes
const SMALL = 512 * 1024; // below, one request is quicker than several ranges
const FETCH_ALL_BELOW = 8 * 1024 * 1024; // beyond, only the pages that are looked at are fetched
const MAX_CANVAS_PIXELS = 2 ** 24; // what phones can hold
const PINCH_DRAWING_DELAY_MS = 400;
const WIDTH = "page-width";

/**
 * Loads PDF.js and starts its worker, which can happen while the document is still being prepared.
 *
 * @param {Shell} shell
 * @returns {Promise<PdfJs>}
 */
export async function loadPdfJs({ pdfjs, pdfjsViewer, pdfjsWorker, pdfjsFolder }) {
  fetch(pdfjsWorker, { priority: "low" }).catch(ignore); // into the browser's cache, beside the modules
  /** @type {typeof Api} */
  const api = await import(pdfjs); // the components look for it in globalThis, so it comes first
  /** @type {typeof Components} */
  const components = await import(pdfjsViewer);
  api.GlobalWorkerOptions.workerSrc = pdfjsWorker;
  return { api, components, worker: api.PDFWorker.create({}), folder: pdfjsFolder };
}

/**
 * Shows one PDF in `container`, which holds the element of PDF.js's pages.
 * Events: "page", "scale" (detail: the zoom as a factor), "drawn" (a first page is on the screen), "failed" (detail:
 * the error; the first page could not be drawn, or the bytes stopped coming).
 */
export class PdfView extends EventTarget {
  /**
   * Sentences about what the view leaves out of the document: none.
   *
   * @type {string[]}
   */
  notes = [];
  #container;
  #content;
  #pdfjs;
  #bus;
  #links;
  #viewer;
  /** @type {Api.PDFDocumentLoadingTask | null} */
  #task = null;
  /** @type {Api.PDFDocumentProxy | null} */
  #pdf = null;

  /**
   * @param {HTMLElement} container
   * @param {Content} content
   * @param {PdfJs} pdfjs
   */
  constructor(container, content, pdfjs) {
    super();
    this.#container = container;
    this.#content = content;
    this.#pdfjs = pdfjs;
    const { bus, links, viewer } = assemble(container, pdfjs);
    this.#bus = bus;
    this.#links = links;
    this.#viewer = viewer;
    this.#passEventsOn();
    onPinch(container, (scaleFactor, at) => this.#zoomAt(scaleFactor, at));
  }

  /** Starts drawing; settles when the number of pages is known. */
  async open() {
    const { api, worker, folder } = this.#pdfjs;
    this.#container.hidden = false;
    this.#task = api.getDocument({
      ...(await this.#bytes()),
      worker,
      rangeChunkSize: CHUNK,
      disableStream: true,
      disableAutoFetch: this.#content.size > FETCH_ALL_BELOW,
      enableXfa: false,
      cMapUrl: `${folder}cmaps/`,
      standardFontDataUrl: `${folder}standard_fonts/`,
      wasmUrl: `${folder}wasm/`,
      iccUrl: `${folder}iccs/`,
    });
    this.#pdf = await Promise.race([this.#task.promise, this.#failure()]);
    this.#viewer.setDocument(this.#pdf);
    this.#links.setDocument(this.#pdf);
    // where PDF.js finds no first page it only tells the console
    this.#viewer.pagesPromise.catch((/** @type {unknown} */ error) => this.#fail(error));
  }

  /** Gives up what is under way, in a worker that may never end; the next attempt has another worker. */
  close() {
    this.#task?.destroy().catch(ignore);
    this.#pdfjs.worker.destroy();
    this.#pdfjs.worker = this.#pdfjs.api.PDFWorker.create({});
  }

  /**
   * PDF.js's document.
   *
   * @throws {Error} before the view is open
   */
  get pdf() {
    if (!this.#pdf) throw new Error("the document is not open yet");
    return this.#pdf;
  }

  /** PDF.js's events. */
  get bus() {
    return this.#bus;
  }

  /** PDF.js's names for how a search stands. */
  get findStates() {
    return this.#pdfjs.components.FindState;
  }

  get pages() {
    return this.#pdf?.numPages ?? 0;
  }

  get page() {
    return this.#viewer.currentPageNumber;
  }

  set page(number) {
    this.#viewer.currentPageNumber = Math.max(1, Math.min(this.pages, number));
  }

  /** The zoom as a factor. */
  get scale() {
    return this.#viewer.currentScale;
  }

  /**
   * Goes where an entry of the document's own contents leads.
   *
   * @param {string | unknown[]} destination
   */
  goTo(destination) {
    return this.#links.goToDestination(destination);
  }

  zoomIn() {
    this.#viewer.increaseScale();
    this.#keepZoom();
  }

  zoomOut() {
    this.#viewer.decreaseScale();
    this.#keepZoom();
  }

  fitWidth() {
    this.#viewer.currentScaleValue = WIDTH;
    this.#keepZoom();
  }

  rotate() {
    this.#viewer.pagesRotation += 90;
  }

  focus() {
    focusQuietly(this.#container);
  }

  #passEventsOn() {
    const [bus, viewer] = [this.#bus, this.#viewer];
    bus.on("pagesinit", () => this.#arrange());
    bus.on("pagechanging", () => this.dispatchEvent(new Event("page")));
    bus.on("scalechanging", (/** @type {{scale: number}} */ { scale }) => {
      this.dispatchEvent(new CustomEvent("scale", { detail: scale }));
    });
    // turning changes the height of every page, so the place has to be found again
    bus.on("rotationchanging", (/** @type {{pageNumber: number}} */ { pageNumber }) => {
      viewer.currentPageNumber = pageNumber;
    });
    bus.on("updateviewarea", keepPlace);
    bus.on(
      "pagerendered",
      (/** @type {{error: unknown}} */ { error }) => {
        if (error) this.#fail(error);
        else this.dispatchEvent(new Event("drawn"));
      },
      { once: true },
    );
    new ResizeObserver(() => this.#refit()).observe(this.#container);
  }

  #arrange() {
    const place = rememberedPlace();
    this.#viewer.currentScaleValue = rememberedZoom() ?? (isNarrow() ? WIDTH : "auto");
    if (!place) return;
    if (place.rotation) this.#viewer.pagesRotation = place.rotation;
    if (place.page <= this.pages) {
      this.#viewer.scrollPageIntoView({
        pageNumber: place.page,
        destArray: [null, { name: "XYZ" }, place.left, place.top, null],
        allowNegativeOffset: true,
      });
    }
  }

  #refit() {
    const value = this.#viewer.currentScaleValue;
    if (this.#pdf && Number.isNaN(Number(value))) this.#viewer.currentScaleValue = value;
    this.#viewer.update();
  }

  #keepZoom() {
    rememberZoom(String(this.#viewer.currentScaleValue));
  }

  /**
   * @param {number} scaleFactor
   * @param {Point} at
   */
  #zoomAt(scaleFactor, [x, y]) {
    const box = this.#container.getBoundingClientRect();
    const origin = [x - box.left + this.#container.offsetLeft, y - box.top + this.#container.offsetTop];
    this.#viewer.updateScale({ scaleFactor, origin, drawingDelay: PINCH_DRAWING_DELAY_MS });
    this.#keepZoom();
  }

  async #bytes() {
    if (this.#content.size <= SMALL) return { data: await this.#content.whole() };
    const range = new this.#pdfjs.api.PDFDataRangeTransport(this.#content.size, null);
    range.requestDataRange = (begin, end) => {
      this.#pass(range, begin, end);
    };
    range.abort = () => this.#content.stop();
    return { range };
  }

  /**
   * @param {Api.PDFDataRangeTransport} range
   * @param {number} begin
   * @param {number} end
   */
  async #pass(range, begin, end) {
    try {
      range.onDataRange(begin, await this.#content.range(begin, end));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.dispatchEvent(new CustomEvent("failed", { detail: error }));
  }

  /**
   * Rejects when the bytes stop coming: PDF.js would wait for them without end.
   *
   * @returns {Promise<never>}
   */
  #failure() {
    return new Promise((_resolve, reject) => {
      onDetail(this, "failed", reject, { once: true });
    });
  }
}

/**
 * Puts PDF.js's components together.
 *
 * @param {HTMLElement} container
 * @param {PdfJs} pdfjs
 * @returns {Assembly}
 */
function assemble(container, { api, components, folder }) {
  const bus = new components.EventBus();
  const links = new (withoutReferrer(components.PDFLinkService))({
    eventBus: bus,
    externalLinkTarget: components.LinkTarget.BLANK,
    externalLinkRel: "noopener noreferrer nofollow",
  });
  const viewer = new components.PDFViewer({
    container: /** @type {HTMLDivElement} */ (container),
    eventBus: bus,
    linkService: links,
    findController: new components.PDFFindController({ eventBus: bus, linkService: links }),
    annotationMode: api.AnnotationMode.ENABLE,
    removePageBorders: true,
    maxCanvasPixels: MAX_CANVAS_PIXELS,
    imageResourcesPath: `${folder}web/images/`,
  });
  links.setViewer(viewer);
  return { bus, links, viewer };
}

/**
 * Makes the links out of a document tell nobody where they were followed from.
 *
 * @param {typeof Components.PDFLinkService} LinkService
 */
function withoutReferrer(LinkService) {
  return class extends LinkService {
    /**
     * @override
     * @param {HTMLAnchorElement} link
     * @param {string} url
     * @param {boolean} [newWindow]
     */
    addLinkAttributes(link, url, newWindow) {
      super.addLinkAttributes(link, url, newWindow);
      link.referrerPolicy = "no-referrer";
    }
  };
}

/** @param {{location: {pageNumber: number, left: number, top: number, rotation: number}}} event */
function keepPlace({ location: { pageNumber, left, top, rotation } }) {
  rememberPlace({ page: pageNumber, left, top, rotation });
}

function isNarrow() {
  return window.matchMedia("(max-width: 40em)").matches;
}
