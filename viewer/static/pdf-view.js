// Draws a PDF with PDF.js's components. Nothing of the document is ever handed to the browser as a file.

import { rememberPlace, rememberZoom, rememberedPlace, rememberedZoom } from "./memory.js";
import { onPinch } from "./pinch.js";

const CHUNK = 64 * 1024;
const SMALL = 512 * 1024; // below this one request is quicker than several ranges
const FETCH_ALL_BELOW = 8 * 1024 * 1024; // beyond, only the pages that are looked at are fetched
const MOST_CANVAS_PIXELS = 2 ** 24; // what phones can hold
const PINCH_DRAWING_DELAY_MS = 400;
const WIDTH = "page-width";

/** Load PDF.js and start its worker, which can happen while the document is still being prepared. */
export async function loadPdfJs({ pdfjs, pdfjsViewer, pdfjsWorker, pdfjsFolder }) {
  fetch(pdfjsWorker, { priority: "low" }).catch(() => {}); // into the browser's cache, beside the modules
  const api = await import(pdfjs); // the components look for it in globalThis, so it comes first
  const components = await import(pdfjsViewer);
  api.GlobalWorkerOptions.workerSrc = pdfjsWorker;
  return { api, components, worker: api.PDFWorker.create({}), folder: pdfjsFolder };
}

/**
 * Shows one PDF in `container` (which holds the element of PDF.js's pages).
 * Events: "page", "scale" (detail: the factor), "drawn" (a first page is on the screen), "failed" (detail: the error;
 * the first page could not be drawn, or the bytes stopped coming).
 */
export class PdfView extends EventTarget {
  #container;
  #content;
  #pdfjs;
  #viewer;
  #links;
  #bus;
  #task = null;
  #pdf = null;

  constructor(container, content, pdfjs) {
    super();
    this.#container = container;
    this.#content = content;
    this.#pdfjs = pdfjs;
    this.#assemble();
    this.#passEventsOn();
    onPinch(container, (scaleFactor, at) => this.#zoomAt(scaleFactor, at));
  }

  /** Start drawing; settles when the number of pages is known. */
  async open() {
    this.#container.hidden = false;
    this.#task = this.#pdfjs.api.getDocument({
      ...await this.#bytes(),
      worker: this.#pdfjs.worker,
      rangeChunkSize: CHUNK,
      disableStream: true,
      disableAutoFetch: this.#content.size > FETCH_ALL_BELOW,
      isEvalSupported: false,
      enableXfa: false,
      cMapUrl: `${this.#pdfjs.folder}cmaps/`,
      standardFontDataUrl: `${this.#pdfjs.folder}standard_fonts/`,
      wasmUrl: `${this.#pdfjs.folder}wasm/`,
      iccUrl: `${this.#pdfjs.folder}iccs/`,
    });
    this.#pdf = await Promise.race([this.#task.promise, this.#failure()]);
    this.#viewer.setDocument(this.#pdf);
    this.#links.setDocument(this.#pdf);
    // where PDF.js finds no first page it only says so to the console
    this.#viewer.pagesPromise.catch((error) => this.dispatchEvent(new CustomEvent("failed", { detail: error })));
  }

  /** Give up what is under way, in a worker that may never end; the next attempt has another. */
  close() {
    this.#task?.destroy().catch(() => {});
    this.#pdfjs.worker.destroy();
    this.#pdfjs.worker = this.#pdfjs.api.PDFWorker.create({});
  }

  /** PDF.js's document, for the contents panel. */
  get pdf() {
    return this.#pdf;
  }

  /** PDF.js's events, for the find bar. */
  get bus() {
    return this.#bus;
  }

  get pages() {
    return this.#pdf?.numPages ?? 0;
  }

  get page() {
    return this.#viewer.currentPageNumber;
  }

  /** The zoom as a factor. */
  get scale() {
    return this.#viewer.currentScale;
  }

  set page(number) {
    this.#viewer.currentPageNumber = Math.max(1, Math.min(this.pages, number));
  }

  /** Go where an entry of the document's own contents leads. */
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
    this.#container.focus({ preventScroll: true, focusVisible: false });
  }

  #assemble() {
    const { api, components } = this.#pdfjs;
    this.#bus = new components.EventBus();
    this.#links = new (careful(components.PDFLinkService))({
      eventBus: this.#bus,
      externalLinkTarget: components.LinkTarget.BLANK,
      externalLinkRel: "noopener noreferrer nofollow",
    });
    this.#viewer = new components.PDFViewer({
      container: this.#container,
      eventBus: this.#bus,
      linkService: this.#links,
      findController: new components.PDFFindController({ eventBus: this.#bus, linkService: this.#links }),
      annotationMode: api.AnnotationMode.ENABLE,
      removePageBorders: true,
      maxCanvasPixels: MOST_CANVAS_PIXELS,
      imageResourcesPath: `${this.#pdfjs.folder}web/images/`,
    });
    this.#links.setViewer(this.#viewer);
  }

  #passEventsOn() {
    this.#bus.on("pagesinit", () => this.#arrange());
    this.#bus.on("pagechanging", () => this.dispatchEvent(new Event("page")));
    this.#bus.on("scalechanging", ({ scale }) => this.dispatchEvent(new CustomEvent("scale", { detail: scale })));
    // turning changes every page's height: stay on the page
    this.#bus.on("rotationchanging", ({ pageNumber }) => { this.#viewer.currentPageNumber = pageNumber; });
    this.#bus.on("updateviewarea", ({ location }) => keepPlace(location));
    this.#bus.on("pagerendered", ({ error }) => {
      this.dispatchEvent(error ? new CustomEvent("failed", { detail: error }) : new Event("drawn"));
    }, { once: true });
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
    rememberZoom(this.#viewer.currentScaleValue);
  }

  #zoomAt(scaleFactor, [x, y]) {
    const box = this.#container.getBoundingClientRect();
    const origin = [x - box.left + this.#container.offsetLeft, y - box.top + this.#container.offsetTop];
    this.#viewer.updateScale({ scaleFactor, origin, drawingDelay: PINCH_DRAWING_DELAY_MS });
    this.#keepZoom();
  }

  async #bytes() {
    if (this.#content.size <= SMALL) return { data: await this.#content.whole() };
    const range = new this.#pdfjs.api.PDFDataRangeTransport(this.#content.size, null);
    range.requestDataRange = (begin, end) => this.#pass(range, begin, end);
    range.abort = () => this.#content.stop();
    return { range };
  }

  async #pass(range, begin, end) {
    try {
      range.onDataRange(begin, await this.#content.range(begin, end));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
  }

  /** Rejects when the bytes stop coming: PDF.js would wait for them without end. */
  #failure() {
    return new Promise((_resolve, reject) => {
      this.addEventListener("failed", (event) => reject(event.detail), { once: true });
    });
  }
}

/** Links out of a document tell nobody where they were followed from. */
function careful(LinkService) {
  return class extends LinkService {
    addLinkAttributes(link, url, newWindow) {
      super.addLinkAttributes(link, url, newWindow);
      link.referrerPolicy = "no-referrer";
    }
  };
}

function keepPlace({ pageNumber, left, top, rotation }) {
  rememberPlace({ page: pageNumber, left, top, rotation });
}

function isNarrow() {
  return window.matchMedia("(max-width: 40em)").matches;
}
