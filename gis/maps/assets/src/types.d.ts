// What Python ships to the pages (`gis/maps/*.py` writes it), and what the scripts hand one another.
// Unknown is null, never a default; a text that a page shows in both languages is `Texts`.

type Lang = "fr" | "en";
type Texts = Record<Lang, string>;
/** The least and the most; an end that nobody knows is null. */
type Pair = [number, number];
type Bounds = [number | null, number | null];
type Answer = "oui" | "inconnu" | "non";
/** `gis.schemas.AreaKind`: areas of two kinds are never added up. */
type AreaKind = "land" | "footprint" | "floor" | "not_said";
type Phase = "announced" | "lease_signed" | "in_place" | "left";
/** What a tenancy counts as. */
type CountsAs = "in_place" | "to_come";
/** The days on which an answer changes, in order; the first of them is none: it is so since ever. */
type Steps = [string | null, Answer][];
/** The earliest and the latest day, as ISO dates; an end that nobody knows is null. */
type DayBounds = [string | null, string | null];
/** `gis.provenance.Basis`, from strongest to weakest. */
type Basis = "surveyed" | "digitised" | "stated";
/** x, y, width, height: pixels of a canvas, or metres of a frame from its upper left corner. */
type Box = number[];
/** Latitude and longitude, as Leaflet has them. */
type LatLng = [number, number];

// --- records of the pages' data ---

/** A source, by `gis/sources`: what must be named where it is cited. */
interface Source {
  id: string;
  name: string;
  title: string;
  url: string;
  publisher?: string;
  licence?: string;
  edition?: string;
  retrieved?: string;
  language?: string;
  background?: boolean;
}

/** A figure that Python computed, with the chain behind it. */
interface Figure {
  id: string;
  kind: string;
  subject: string;
  low: number | null;
  high: number | null;
  unit: string;
  at: string | null;
  numerator: string;
  denominator: string;
  rows: string[];
  rule: string;
  sources: string[];
  basis: Basis;
  assumptions: string[];
}

/**
 * A published value, with its verdict. `says` is what the value is: `date` is of one that is a day, `m2` of one that is
 * an area. `share` is of a share of occupation that the ledger divides an area by: percent, as it is rounded.
 */
interface Claim {
  id: string;
  subject: string;
  measure: Texts;
  value: string;
  says: "phase" | "date" | "number" | "text";
  share?: Pair | null;
  unit: string;
  low: number | null;
  high: number | null;
  date: DayBounds;
  m2: Bounds | null;
  qualifier: string;
  as_of: string;
  source: string;
  basis: Basis;
  page: string;
  section: string;
  use: string;
  found: boolean;
  note: Texts;
  verdict: string;
  reason: string;
  computed: Bounds;
}

/** The published values of one quantity of a row: the one that is used, why, and all of them. */
interface Stated {
  chosen: string;
  why: Partial<Texts>;
  claims: string[];
}

/** What a sum that adds up parts rests on, as `gis/maps/chains.py` writes it: what one part brings to its chain. */
interface SumPart {
  rows: string[];
  /** Rows that take ground away: they are named whatever is left. */
  taken_by: string[];
  assumptions: string[];
  /** What is assumed where the rows are named. */
  of_rows: string[];
  /** Whether it adds nothing, and was asked about all the same. */
  asked: boolean;
}

/** A row that chains name, by its layer and key. */
interface CitedRow {
  row: string;
  name: string;
  source: string;
  basis: Basis;
}

/** What a sum rests on: the rows that were added, the weakest way they are known, what is assumed. */
interface Chain {
  rows: string[];
  basis: Basis;
  assumptions: string[];
}

/** What every page ships. */
interface PageBase {
  kind: string;
  slug: string;
  name: string;
  title: Texts;
  words: Record<Lang, Record<string, string>>;
  sources: Record<string, Source>;
  figures: Figure[];
  claims: Claim[];
  /** The ground of the IGN, where the territory allows it. */
  base?: { host: string; tiles: string; fictional: boolean };
  contact?: string;
}

/** A page that shows what its sums rest on: the rows that their chains name, in the order of the ledger. */
interface CitingPage extends PageBase {
  cited: CitedRow[];
}

/** A page that says what it assumes. */
interface AssumingPage extends CitingPage {
  assumptions: Texts[];
}

interface HomeSite {
  key: string;
  href: string;
  name: Texts;
  question: Texts;
  in_place: [AreaKind | "", number][];
  occupants: number;
  said: boolean;
  share: number | null;
  held: [AreaKind, number, number][];
  base_m2: number | null;
}

/** A figure or a claim, told on the first page, and the page it leads to. */
interface HomeNumber {
  figure?: string;
  claim?: string;
  href: string;
}

/** What the search of the first page finds; `folded` is what it looks in. */
interface Entry {
  kind: string;
  name: string;
  detail: string;
  href: string;
}
interface FoldedEntry extends Entry {
  folded: string;
}

interface HomePage extends PageBase {
  kind: "home";
  numbers: HomeNumber[];
  entries: Packed<Entry>;
  stated: boolean;
  outlines: boolean;
  communes: string[];
  names_en: Record<string, string>;
  sites: HomeSite[];
}

/** One step from gross to available: hectares, of which the last two are the least and the most that reach it. */
interface FallStep {
  step: string;
  ha: number[];
}

/** The statutory vacancy of a zone, or why it has none. */
type Legal =
  { rate: null; why: string } | { rate: Pair; vacant: Pair; units: Pair; every: Pair; edges: number; several: number };

interface Zone {
  id: string;
  key: string;
  name: Texts;
  other_names: string[];
  communes: string[];
  by_shape: boolean;
  land_ha: number | null;
  land_kind: string;
  jobs: number | null;
  vocation: Texts;
  state: string;
  opened: string;
  occupants: string[];
  as_of: string;
  note: Texts;
  source: string;
  basis: Basis;
  href: string;
  fall: FallStep[];
  /** What the steps that the ledger tells rest on, by kind of figure; none where nothing has a fall. */
  sums: Record<string, SumPart>;
  vacancy: Bounds;
  premises: { all: number; vacant: Pair; share: Pair; floor_share: Pair } | null;
  legal: Legal | null;
  held: [AreaKind, number, number][];
  missing: string[];
  inside: Zone[];
}

/** Hectares that two zones share, by their keys. */
type Shared = [string, string, number];

interface ZonesPage extends AssumingPage {
  kind: "zones";
  zones: Zone[];
  counted: number;
  others: number;
  named: number;
  stand_ins: number;
  stated: boolean;
  shared: Shared[];
  shapes: number;
}

/** A way to an access in kilometres: how far, whether as the crow flies, and the name of the access. */
type Way = [number, boolean, string];

/** What plots and premises on offer have in common. */
interface OfferBase {
  id: string;
  sites: string[];
  communes: string[];
  /** The answer of each commune that has one of its own, and of every other. */
  in: [Record<string, Answer>, Answer];
  available: Answer;
  power: number | null;
  from: string | null;
  km: Partial<Record<string, Way>>;
  at: LatLng | null;
  /** What its size brings to a sum. */
  part: SumPart;
  sources: string[];
  basis: Basis;
}

/** Where a plot can be tried: its rings in centimetres, and how its plane lies on the map. */
interface Ground {
  rings: number[][];
  at: number[];
}

interface Plot extends OfferBase {
  terrains: string[];
  names: string[];
  serviced: Answer;
  vocations: string[];
  meant_for: string[];
  ha: number | null;
  gross_ha: number;
  built: number | null;
  width: number | null;
  circle: number | null;
  frontage: number | null;
  owners: number | null;
  price: Bounds;
  ground: Ground | null;
}

interface Premises extends OfferBase {
  /** The same for rows that are the same premises under several keys. */
  same: string;
  name: string;
  floor: number | null;
  height: number | null;
  docks: number | null;
  price: number | null;
}

type Offer = Plot | Premises;

interface Terrain {
  id: string;
  name: string;
  site: string;
  communes: string[];
  ha: number;
  now: Answer;
  useful: Answer;
  occupied: string;
  sale: string;
  servicing: string;
  vocation: string;
  price: number | null;
  power: number | null;
  from: string | null;
  source: string;
  basis: Basis;
}

interface OfferSite {
  name: string;
  motorway: string;
  networks: Record<string, Answer>;
}

/** The page of what is published of ground on offer: where no terrain has a shape, that is all there is. */
interface PublishedPage extends AssumingPage {
  kind: "available";
  total_ha: number | null;
  unplaced_ha: number | null;
  located: { id: string; name: string; communes: string[]; high_ha: number; claims: Claim[] }[];
  terrains: Terrain[];
  premises: Claim[];
}

/** The same page where terrains have shapes. */
interface AvailablePage extends PublishedPage {
  plots: Plot[];
  rooms: Premises[];
  sites: Record<string, OfferSite>;
  lifting: { reason: string; exclusions: number; frees: Pair; covers: Pair }[];
}

interface Employer {
  id: string;
  name: string;
  group: string;
  at: LatLng | null;
  activity: Texts;
  communes: string[];
  by_shape: boolean;
  insee: string;
  jobs: Bounds;
  as_of: string;
  note: Texts;
  source: string;
  page: string;
}

interface Road {
  id: string;
  kind: "motorway" | "main" | "street";
  name: string;
  source: string;
  basis: Basis;
  m: number;
  fill: string;
  lines: LatLng[][];
}

interface Access {
  id: string;
  kind: string;
  name: string;
  source: string;
  basis: Basis;
  fill: string;
  at: LatLng;
}

interface Hub {
  id: string;
  name: Texts;
  communes: string[];
  vocation: Texts;
  source: string;
  as_of: string;
}

interface TerritoryPage extends AssumingPage {
  kind: "territory";
  employers: Employer[];
  /** Of each commune: latitude, longitude, and how much room there is around, in degrees. */
  points: Record<string, [number, number, number]>;
  roads: Road[];
  accesses: Access[];
  transport: Claim[];
  hubs: Hub[];
}

/** When a tenancy holds, as `gis/measures/presence.py` decides it: what it is told as, and the steps of the answer. */
interface Presence {
  told_as: Phase;
  to_come: boolean;
  steps: Steps;
}

/** When a tenancy holds where these claims are chosen, by quantity; "" is that nobody knows. */
interface ChosenPresence extends Presence {
  chosen: Record<string, string>;
}

/** Who holds premises; `choices` are all those among published values but the one that the page opens with. */
interface ShippedTenancy extends Presence {
  id: string;
  who: string;
  occupant: string;
  premises: string;
  phase: Phase;
  from: DayBounds;
  to: DayBounds;
  activity: Texts;
  note: Texts;
  area_m2: Bounds;
  area_kind: AreaKind;
  jobs_now: number | null;
  jobs_planned: number | null;
  source: string;
  page: string;
  basis: Basis;
  fill: string;
  states: Record<string, Stated>;
  choices: ChosenPresence[];
}

/** A piece of ground or floor, by the keys of the premises that hold it, separated by `|`. */
interface Piece {
  id: string;
  m2: number;
}

/**
 * What the layers hold of one kind: surely and at most. `under` are the terrains that premises stand on, `whole` the
 * rows that the base is made of, `assumptions` what is assumed of a sum whatever the day.
 */
interface HeldKind {
  kind: AreaKind;
  base_m2: number;
  left_out: number;
  low: Piece[];
  high: Piece[];
  under: Record<string, string[]>;
  whole: string[];
  assumptions: string[];
}

interface Vacant {
  id: string;
  name: string;
  kind: AreaKind;
  m2: number | null;
  as_of: string | null;
  since: string | null;
  /** The day from which the page tells of it. */
  seen_from: string;
  source: string;
  basis: Basis;
}

interface Lot {
  id: string;
  name: string;
  m2: number | null;
  occupied: string;
  sale: string;
  source: string;
  basis: Basis;
}

interface SiteBase {
  id: string;
  m2: number;
  kind: AreaKind | "measured";
  claims: string[];
}

interface Dated {
  claim: string;
  date: [string, string];
}

/** A hold of premises of sites inside this one. */
interface InsideHold extends Presence {
  id: string;
  premises: string;
}

/**
 * What can be held of a site, kind by kind. `order` are the tenancies as the layer has them, those inside too; `told` is
 * what is assumed where somebody said who holds the site, `untold` where nobody did.
 */
interface ShippedHeld {
  kinds: HeldKind[];
  inside: InsideHold[];
  order: string[];
  told: string;
  untold: string;
}

/** Premises with a floor area, by their keys separated by `|`, and since when a source calls them vacant. */
interface VacantRoom {
  id: string;
  since: string | null;
}

/**
 * The premises that stand empty where nobody holds them. `told` is whether a source names anybody in the site, whatever
 * the day; `promised` is what is assumed where the day makes the bounds.
 */
interface ShippedVacancy extends Chain {
  rooms: VacantRoom[];
  told: boolean;
  promised: string;
}

interface SitePage extends CitingPage {
  kind: "site";
  site: {
    id: string;
    name: Texts;
    communes: string[];
    by_shape: boolean;
    land_m2: number | null;
    measured_m2: number | null;
    anchor: LatLng | null;
    said: boolean;
    states: Record<string, Stated>;
  };
  /** The day that the page opens with, and the period that it tells of. */
  at: string;
  from: string;
  to: string;
  tenancies: ShippedTenancy[];
  held: ShippedHeld | null;
  vacancy: ShippedVacancy | null;
  vacant: Vacant[];
  lots: Lot[];
  places: { id: string; name: string; shaped: boolean }[];
  bases: SiteBase[];
  events: Dated[];
  question: Texts;
}

type PageData = HomePage | ZonesPage | PublishedPage | AvailablePage | TerritoryPage | SitePage;

// --- as `gis/maps/packing.py` writes rows and rings ---

/** Rows, column by column: no row, no column. */
interface Packed<Row> {
  n: number;
  columns: { [Name in keyof Row]?: Column };
}

/** The values of a column: as they are, by their words, in parts, in fields, or those of another column. */
interface Column {
  values?: unknown[];
  words?: unknown[];
  codes?: number[];
  parts?: Column[];
  fields?: Record<string, Column>;
  like?: string;
}

/** What the map of a page draws. */
interface MapData {
  label: string;
  precision: number;
  ground: { names: string[]; rings: string };
  shapes: { items: Packed<ShapeItem>; rings: string };
  blocks: Block[];
  view: [LatLng, LatLng] | null;
}

interface ShapeItem {
  key: string;
  label: string;
  fill: string;
  dashed: boolean;
  href: string;
}

/** A block of a diagram: it keeps its place in metres in its frame, which is anchored by its upper left corner. */
interface Block {
  key: string;
  label?: string;
  anchor: LatLng | null;
  block: Box;
  fill: string;
  dashed?: boolean;
  circle?: boolean;
  href?: string;
  maybe?: boolean;
  opacity?: number;
  sub?: string;
  text?: string;
  unlabelled?: boolean;
}
/** A block with where it is on the canvas. */
interface PlacedBlock extends Block {
  box: Box;
}

// --- what the scripts hand one another ---

/** A sum whose working a page shows: what it is called, and its chain, made when the reader asks. */
interface Sum {
  of: string;
  title: string;
  chain: () => Chain;
}

/** A shape as a page shows it now. */
interface SceneShape extends ShapeItem {
  text?: string;
  maybe?: boolean;
  hatched?: boolean;
  hidden?: boolean;
  /** Whether its name is written on its own ground only. */
  inside?: boolean;
  /** Hectares of the circle that stands for it where it is too small to be seen. */
  symbol?: number | null;
}

interface Dot {
  key: string;
  label: string;
  at: LatLng;
  fill: string;
  jobs: number | null;
}

interface SceneRoad {
  key: string;
  fill: string;
  lines: LatLng[][];
  width: number;
}

interface SceneAccess {
  key: string;
  label: string;
  at: LatLng;
  fill: string;
}

/** What a map shows. */
interface Scene {
  blocks: Block[];
  shapes: SceneShape[];
  rest: { lines: string[]; block: Box } | null;
  inset: string;
  dots?: Dot[];
  roads?: SceneRoad[];
  accesses?: SceneAccess[];
  rectangles?: { corners: LatLng[] }[];
}

/** How the square of Web Mercator is put on a canvas: its side, and where the canvas begins in it. */
interface View {
  side: number;
  left: number;
  top: number;
}

interface Point {
  x: number;
  y: number;
}

type Pen = CanvasRenderingContext2D;

/** The colours of a page by name; `line` makes one of a line that is seen on its ground. */
type Colours = Record<ColourName, string> & { line: (fill: string) => string };
type ColourName = "ground" | "ground-line" | "tile" | "tile-line" | "ink" | "ink-soft" | "accent" | "paper";

type Room = import("./labels.js").Room;
type Shapes = import("./shapes.js").Shapes;
type LeafletMap = import("leaflet").Map;
type MouseHeard = import("leaflet").LeafletMouseEvent;

/** Where something was drawn that can be pointed at. */
interface Hit {
  key: string;
  href?: string;
  path: Path2D;
}

/** A point that is drawn by its path. */
interface Spot extends Point {
  key: string;
  fill: string;
  radius: number;
}

type LeafletLayer = Omit<import("leaflet").Renderer, "_map" | "on" | "off">;

/** The canvas that draws everything a map shows: see `canvas.js`. */
interface CanvasLayer extends LeafletLayer {
  data: Omit<MapData, "shapes"> & { shapes: { items: ShapeItem[]; rings: string } };
  ground: Shapes;
  shapes: Shapes;
  scene: Scene;
  highlighted: string[] | null;
  count: number;
  online: boolean;
  dense: number;
  off: Record<string, boolean>;
  measuring?: boolean;
  on(type: "hover" | "select", listener: (event: { key: string | null; href: string }) => void): void;
  on(type: "drawn", listener: () => void): void;
  initialize(data: MapData): void;
  home(): import("leaflet").LatLngBounds;
  isEmpty(): boolean;
  show(scene: Partial<Scene>): void;
  highlight(keys: string[] | null): void;
  snapshot(): HTMLCanvasElement;
  at(containerPoint: import("leaflet").Point): Hit | SceneShape | null;
  _map: LeafletMap & { _animatingZoom?: boolean };
  _bounds: { min: import("leaflet").Point; max: import("leaflet").Point; getSize(): import("leaflet").Point };
  _container: HTMLCanvasElement;
  _context: Pen;
  _hits: Hit[];
  _room: Room;
  _waiting: number;
  _hovered: string | null;
  _place(block: Block, x: number, y: number): import("leaflet").LatLng;
  _redraw(): void;
  _initContainer(): void;
  _destroyContainer(): void;
  _ratio(): number;
  _update(): void;
  _draw(): void;
  _view(): View;
  _edges(): Pair;
  _box(block: Block, inner?: Box): Box;
  _marked(key: string): boolean;
  _drawGround(c: Pen, colours: Colours): void;
  _drawGroundNames(c: Pen, colours: Colours): void;
  _drawShapes(c: Pen, colours: Colours): void;
  _drawRectangles(c: Pen, colours: Colours): void;
  _symbol(c: Pen, n: number, view: View): void;
  _labelShapes(c: Pen, colours: Colours): void;
  _labelInside(c: Pen, n: number, view: View, colours: Colours, over: { n: number; box: Box }[]): void;
  _isInView(box: Box): boolean;
  _labelBeside(c: Pen, text: string, inner: Box, view: View, ink: string, halo: string): void;
  _drawInset(c: Pen, colours: Colours): void;
  _drawBlocks(c: Pen, colours: Colours): void;
  _drawBlock(c: Pen, block: PlacedBlock, colours: Colours): void;
  _drawDots(c: Pen, colours: Colours): void;
  _drawPoint(c: Pen, path: Path2D, spot: Spot, colours: Colours, line: [string, number]): void;
  _drawRoads(c: Pen, colours: Colours): void;
  _drawAccesses(c: Pen, colours: Colours): void;
  _onMove(event: MouseHeard): void;
  _onOut(): void;
  _onClick(event: MouseHeard): void;
}

/** A map of the document, and what looks at it: see `map.js`. */
interface Target {
  map: LeafletMap;
  layer: CanvasLayer;
  look: () => void;
  follow: (followed: { view: ViewChoice | null; moved: (view: ViewChoice) => void }) => void;
}

/** Latitude, longitude and zoom. */
type ViewChoice = [number, number, number];

/** What the reader has chosen, as the address keeps it. */
interface Choice {
  lang: Lang;
  theme: string;
  day: string;
  selected: string;
  measure: string;
  base: string;
  view: ViewChoice | null;
  filters: Filters;
  variants: Record<string, string>;
}
type Filters = Record<string, string>;

interface State {
  get: () => Choice;
  put: (changes: Partial<Choice>) => void;
  set: (changes: Partial<Choice>) => void;
  filter: (changes: Filters) => void;
  listen: (listener: (choice: Choice) => void) => void;
}

/** What a text is filled in with. */
type Fillings = Record<string, string | number>;
type Translate = (key: string, values?: Fillings) => string;

/** What every part of a page is given: its data, its state, its language. */
interface Shell<Page extends PageBase = PageBase> {
  page: Page;
  state: State;
  readonly lang: Lang;
  t: Translate;
  plural: (key: string, n: number, values?: Fillings) => string;
  source: (id: string) => Source;
  cite: (id: string, where?: string) => HTMLElement;
  figureValue: (figure: Figure) => string;
  target: Target;
}

/** What names need of a shell. */
type Naming = Pick<Shell, "lang" | "t"> & { page: Pick<PageBase, "words"> };

/** What makes a page of one kind, and returns what draws it anew. */
type PageMaker = { make(shell: Shell, state: State, target: Target): () => void }["make"];

type Child = Node | string | null | undefined | false;

/** An event of an element that a script made: what it happened to may be a field. */
type Heard = Event & { target: HTMLInputElement };
type Props = Record<string, string | number | boolean | null | undefined | ((event: Heard) => unknown)>;

/** A child of an element, of whichever kind: asked what it is before it is asked for what only that kind has. */
type Met = HTMLElement & HTMLInputElement & HTMLSelectElement & Text;

/** Elements that every page has from `page.html.j2`; any other may be missing. */
interface FixedElements {
  banner: HTMLElement;
  "banner-close": HTMLButtonElement;
  "banner-complete": HTMLButtonElement;
  "banner-why": HTMLButtonElement;
  base: HTMLElement;
  chart: SVGSVGElement & { parentElement: HTMLElement };
  day: HTMLElement;
  "dialog-complete": HTMLDialogElement;
  "dialog-why": HTMLDialogElement;
  download: HTMLButtonElement;
  figures: HTMLElement;
  "how-other": HTMLElement;
  inset: HTMLElement;
  language: HTMLButtonElement;
  legend: HTMLElement;
  next: HTMLButtonElement;
  over: HTMLElement;
  "page-data": HTMLScriptElement;
  "page-map": HTMLScriptElement;
  "page-script": HTMLScriptElement;
  panel: HTMLElement;
  play: HTMLButtonElement;
  previous: HTMLButtonElement;
  reset: HTMLButtonElement;
  slider: HTMLInputElement;
  sources: HTMLElement;
  "stage-title": HTMLElement;
  theme: HTMLButtonElement;
  time: HTMLElement;
  tools: HTMLElement;
  unable: HTMLElement;
}

/** An element that a selector found by its `data-…`. */
type Marked = HTMLElement & { dataset: Record<string, string> };

// --- the page of a site: what `model.js` makes of its rows for a day ---

interface Tenancy extends ShippedTenancy {
  key: string;
  shape: string;
}

/** What `onDay` needs of a tenancy, and what it adds. */
interface Timed {
  premises: string;
  to_come: boolean;
  steps: Steps;
  area_m2: Bounds;
}
interface OnDay {
  counts_as: CountsAs;
  present: Answer;
  /** Whether it has not begun. */
  ahead: boolean;
  low: number | null;
  high: number | null;
}
type Row = Tenancy & OnDay;
/** Who holds premises of the site, or of one inside it, of which only that is known. */
type Present = Timed & OnDay & { id: string; basis?: Basis };

/** A row as the diagram lays it. */
type Laid = Pick<Row, "id" | "to_come" | "area_m2" | "premises">;

/** Premises that somebody holds: for sure, and perhaps, these too. */
interface Holding {
  sure: Set<string>;
  maybe: Set<string>;
}

/** What the chart stacks: tenancies of the same premises, in place or to come. */
interface Series {
  coming: boolean;
  members: Tenancy[];
}
interface ChartOptions {
  width: number;
  height: number;
  left: number;
  right: number;
  from: number;
  to: number;
  day: number;
  lang: Lang;
  marked: string;
  tenancies: Tenancy[];
  events: { day: number; title: string }[];
  /** What is above the occupants. */
  rest: { id: string; text: string };
  onPick: (day: number) => void;
  /** An occupant, or the rest. */
  onHover: (who: string) => void;
  onSelect: (who: string) => void;
}

/** What an attributed area rests on. */
interface AttributedChain extends Omit<Chain, "rows"> {
  rows: Row[];
}

/** What is attributed of one kind of area. Square metres. */
interface KindSum {
  kind: AreaKind;
  there: boolean;
  in_place_m2: number;
  with_m2: number;
  to_come_m2: number;
  chain: AttributedChain;
}

interface Needs {
  without: Pair;
  with: Pair;
  kind: AreaKind;
}

/** The rows that a sum of what is held rests on, and the tenancies among them. */
interface HeldChain {
  tenancies: Pick<Present, "id" | "basis">[];
  rows: string[];
  assumptions: string[];
}

/** What is held, at least and at most, in square metres. */
interface HeldSum {
  bounds: Pair;
  chain: HeldChain;
}

interface HeldOfKind {
  kind: AreaKind;
  base_m2: number;
  whole: string[];
  in_place: HeldSum;
  with_to_come: HeldSum;
}

interface Held {
  kinds: HeldOfKind[];
}

/** Premises that nobody holds, for sure and perhaps, beside all of them: how many, and their floors. */
interface EmptyPremises {
  all: number;
  empty: Pair;
  floor_m2: number;
  empty_m2: Pair;
  chain: Chain;
}

/** Everything that the page of a site shows. */
interface Now extends KindSum {
  rows: Row[];
  sums: KindSum[];
  day: number;
  tenancies: Tenancy[];
  landOf: string | undefined;
  land_m2: number | null;
  rest_m2: number | null;
  measured: boolean;
  said: boolean;
  mixed: boolean;
  bases: (Omit<KindSum, "kind"> & SiteBase & { share: number; share_with: number })[];
  held: Held | null;
  vacancy: EmptyPremises | null;
  vacant: Vacant[];
  needs: (claim: Claim) => Needs | null;
}

type Claims = Map<string, Claim>;

/** What a reader can do on the page of a site. */
interface SiteActions {
  mark: (who: string) => void;
  setDay: (day: number) => void;
  pick: (who: string) => void;
  lots: { most: number };
  again: () => void;
}

// --- the page of an investor ---

interface Criterion<Offered = Offer> {
  name: string;
  of(row: Offered): Answer;
}

interface Found<Offered = Offer> {
  rows(answer: Answer): Offered[];
  says(row: Offered, answer: Answer): string[];
  eliminations: { name: string; alone: number; inSequence: number; unknown: number }[];
}

/** The sides of a rectangle that is asked for, and how far it stays from the border. Metres. */
interface Rectangle {
  a: number;
  b: number;
  setback: number;
}

type Placement = import("./fit.js").Placement;
/** Null for nowhere, undefined where it is not known. */
type MaybePlaced = Placement | null | undefined;

type CriteriaOf<Offered = Offer> = (filters: Filters) => Criterion<Offered>[];

/** A name and a value. */
type Fact = [string, Child];

/** What the parts of the investor's page are given. */
interface OfferContext {
  shell: Shell<AvailablePage>;
  found: Found;
  filters: Filters;
  rooms: boolean;
  places: import("./places.js").Places;
  look: (row: Offer | null, always?: boolean) => void;
  select: (id: string) => void;
  toggle: (key: string, id: string, most?: number) => void;
  tray: Offer[];
  favourites: string[];
  mark: (id: string) => void;
}

type Cell = string | number | null | undefined;

/** What a column of a table says of a row. */
type CellOf<Offered = Offer> = { of(row: Offered): Cell }["of"];

/** A table to take away. */
interface Table {
  lang: Lang;
  rows: Cell[][];
}

type Feature = import("geojson").Feature;

/** How rows are counted by size: what it is, the filters that ask for it, where each bar begins. */
interface Sizes {
  of: (row: Offer) => number | null;
  keys: [string, string];
  limits: number[];
}
/** One bar of sizes: how many remain, and how many of them are of the size asked. */
interface SizeBar {
  from: number;
  to: number | null;
  count: number;
  within: number;
}

/** A few things side by side: each can be taken out again. */
interface Comparison {
  title: string;
  columns: { id: string; name: string }[];
  rows: { key?: string; name: string; values: Child[] }[];
  drop: (id: string) => void;
}

interface LegendEntry {
  kind: string;
  text: string;
  colour?: string;
  count?: number;
  of?: number;
}
