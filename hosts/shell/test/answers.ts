// What a host answers and tells, as a test of `hosts/api` writes it (`src/tests/answers`; `BLESS=1` writes it
// anew), for the compiler to hold the shell's types against. Ids and keys are not real ones.

import type { Fault } from "../src/host/interface.js";
import type { Answers } from "../src/host/methods.js";
import type { Notice } from "../src/host/notices.js";

/** Those of the crate: a host answers `relays` and `set-relays` itself. */
type Shared = Omit<Answers, "relays" | "set-relays">;

export const answers = {
  "about": [
    {"engine":"1","host":"node","kernel":"1.0","more":[],"store":"memory","version":"0"},
    {"engine":"Chromium","host":"browser","kernel":"1.0","more":[{"name":"relays","value":"none"}],"store":"opfs","version":"1.0.0"},
  ],
  "act": [
    {"event":"0a","reason":"","verdict":"accept"},
    {"event":null,"reason":"nobody says no here","verdict":"reject"},
    {"event":null,"reason":"unreachable","verdict":"trap"},
  ],
  "apps": [
    [{"as_of":null,"author":"0a","author_name":"myr1…","description":"A number that a group counts up and down together.","id":"0a","name":"counter","pinned":false,"revoked":null,"version":"1.0.0"}],
    [{"as_of":6,"author":"0a","author_name":"myr1…","description":"a board","id":"0a","name":"pins","pinned":true,"revoked":{"at":5,"reason":"a fault","successor":null},"version":"1.0.0"},{"as_of":6,"author":"0a","author_name":"myr1…","description":"a board","id":"0a","name":"pins","pinned":true,"revoked":{"at":5,"reason":"a fault","successor":"0a"},"version":"1.0.0"}],
  ],
  "asked": [
    [],
    [{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","choices":["Ada","Bob"],"kind":"choose","question":"Who?","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"ask","question":"Who?","token":"0a","topic":"0a","value":"Ada","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"copy","text":"soup","token":"0a","topic":"0a","version":"1.0.0"},{"accept":"text/plain","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"pick","token":"0a","topic":"0a","version":"1.0.0"},{"address":"https://example.org","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"open","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"subscribe","server_key":"0a","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"other","token":"0a","topic":"0a","version":"1.0.0"}],
  ],
  "compare": [
    {"nodes":0},
  ],
  "complete": [
    {"acted":null,"asked":[{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","choices":["Ada","Bob"],"kind":"choose","question":"Who?","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"ask","question":"Who?","token":"0a","topic":"0a","value":"Ada","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"copy","text":"soup","token":"0a","topic":"0a","version":"1.0.0"},{"accept":"text/plain","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"pick","token":"0a","topic":"0a","version":"1.0.0"},{"address":"https://example.org","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"open","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"subscribe","server_key":"0a","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"other","token":"0a","topic":"0a","version":"1.0.0"}]},
  ],
  "confirm": [
    {"bundle":"0a","name":"counter","version":"1.0.0"},
  ],
  "connect": [
    {},
  ],
  "drift": [
    {"anchors":[],"reports":[],"topic":"0a","votes":[]},
    {"anchors":[{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"}],"reports":[{"explanation":null,"here":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"scope":"0a","there":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"until":null},{"explanation":{"again":null,"agreed":null,"event":null,"here":null,"keys":[{"here":null,"key":"0a","side":"app","there":null},{"here":null,"key":"0a","side":"kernel","there":null}],"more":false,"peer":"0a","there":null},"here":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"scope":"0a","there":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"until":9},{"explanation":{"again":true,"agreed":3,"event":"0a","here":{"code":2,"fuel":3,"verdict":"reject"},"keys":[{"here":{"bytes":3,"start":"0a"},"key":"0a","side":"app","there":null},{"here":{"bytes":3,"start":"0a"},"key":"0a","side":"kernel","there":null}],"more":false,"peer":"0a","there":{"code":2,"fuel":3,"verdict":"reject"}},"here":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"scope":"0a","there":{"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a"},"until":9}],"topic":"0a","votes":[{"agrees":null,"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a","scope":"0a"},{"agrees":true,"code":"0a","count":3,"engine":"wasmtime","engine_version":"48","event":"0a","root":"0a","scope":"0a"}]},
  ],
  "end-ticket": [
    {"event":"0a","reason":"","verdict":"accept"},
  ],
  "event": [
    {"at":1700000000000,"author":"0a","changed":[{"after":{"bytes":4,"start":"64726177"},"after_is_known":true,"before":null,"key":"73616964","side":"app"}],"code":0,"fuel":1,"generation":0,"height":1,"hlc":111411200000000001,"id":"0a","kind":"app","more":0,"parents":["0a"],"payload":{"bytes":4,"start":"64726177"},"payload_bytes":4,"payload_start":"64726177","person":"0a","person_name":"myr1…","prev":"0a","reason":"","says":"","scope_name":"desk","seq":1,"variant":0,"verdict":"accept","whom":null,"whom_name":null},
    {"at":1700000000000,"author":"0a","changed":[{"after":{"bytes":0,"start":""},"after_is_known":true,"before":null,"key":"0a","side":"kernel"},{"after":{"bytes":64,"start":"0a"},"after_is_known":true,"before":null,"key":"0a","side":"kernel"},{"after":{"bytes":37,"start":"0a"},"after_is_known":true,"before":null,"key":"0a","side":"kernel"}],"code":0,"fuel":0,"generation":0,"height":0,"hlc":111411200000000000,"id":"0a","kind":"genesis","more":0,"parents":[],"payload":{"bytes":256,"start":"0a"},"payload_bytes":256,"payload_start":"0a","person":"0a","person_name":"myr1…","prev":null,"reason":"","says":"founds the topic steps","scope_name":"desk","seq":0,"variant":0,"verdict":"accept","whom":null,"whom_name":null},
  ],
  "forks": [
    [],
    [{"events":["0a","0a"],"proof":"0a","scope":"0a","seq":3}],
  ],
  "found": [
    {"name":"walks","topic":"0a"},
  ],
  "invite": [
    {"expires":1700000001000,"leads":"nowhere","ticket":"myrticket1…"},
    {"expires":null,"leads":"nowhere","ticket":"myrticket1…"},
  ],
  "join": [
    {"name":"walks","topic":"0a"},
  ],
  "journal": [
    {"lines":[{"at":1700000000000,"level":"info","number":0,"text":"connected with 09090909…","topic":null},{"at":1700000000000,"level":"info","number":1,"text":"complete with 09090909…: 3 events","topic":"0a"},{"at":1700000000000,"level":"warning","number":2,"text":"09090909… runs a later version: an event","topic":null},{"at":1700000000000,"level":"error","number":3,"text":"09090909… has another state","topic":"0a"}]},
  ],
  "leave": [
    {},
  ],
  "log": [
    {"earlier":false,"events":[{"at":1700000000000,"author":"0a","fuel":0,"height":0,"hlc":111411200000000000,"id":"0a","kind":"genesis","parents":[],"payload_bytes":256,"payload_start":"0a","person":"0a","person_name":"myr1…","prev":null,"reason":"","says":"founds the topic steps","scope_name":"desk","seq":0,"variant":0,"verdict":"accept","whom":null,"whom_name":null},{"at":1700000000000,"author":"0a","fuel":1,"height":1,"hlc":111411200000000001,"id":"0a","kind":"app","parents":["0a"],"payload_bytes":4,"payload_start":"64726177","person":"0a","person_name":"myr1…","prev":"0a","reason":"","says":"","scope_name":"desk","seq":1,"variant":0,"verdict":"accept","whom":null,"whom_name":null},{"at":1700000000000,"author":"0a","fuel":1,"height":2,"hlc":111411200000000002,"id":"0a","kind":"app","parents":["0a"],"payload_bytes":8,"payload_start":"0a","person":"0a","person_name":"myr1…","prev":"0a","reason":"","says":"","scope_name":"desk","seq":2,"variant":0,"verdict":"accept","whom":null,"whom_name":null}],"later":false},
    {"earlier":false,"events":[{"at":1700000000000,"author":"0a","fuel":null,"height":0,"hlc":111411200000000000,"id":"0a","kind":"genesis","parents":[],"payload_bytes":256,"payload_start":"0a","person":"0a","person_name":"myr1…","prev":null,"reason":"","says":"founds the topic steps","scope_name":"desk","seq":0,"variant":0,"verdict":null,"whom":null,"whom_name":null},{"at":1700000000000,"author":"0a","fuel":null,"height":1,"hlc":111411200000000000,"id":"0a","kind":"join","parents":["0a"],"payload_bytes":505,"payload_start":"0a","person":"0a","person_name":"myr1…","prev":null,"reason":"","says":"comes in, invited by","scope_name":"desk","seq":0,"variant":0,"verdict":null,"whom":"0a","whom_name":"myr1…"}],"later":false},
  ],
  "members": [
    {"members":[{"founder":true,"inviter":"0a","inviter_name":"myr1…","joined":"0a","name":"myr1…","person":"0a","you":true}],"more":0},
    {"members":[{"founder":true,"inviter":"0a","inviter_name":"myr1…","joined":"0a","name":"myr1…","person":"0a","you":true},{"founder":false,"inviter":"0a","inviter_name":"myr1…","joined":"0a","name":"myr1…","person":"0a","you":false}],"more":0},
  ],
  "offer": [
    {"as_of":null,"author":"0a","author_is_known":false,"author_name":"myr1…","bundle":"0a","description":"A number that a group counts up and down together.","may":[{"interface":"state-view","new":false,"profile":"interaction","words":"read the topic's shared state"},{"interface":"topic-info","new":false,"profile":"interaction","words":"see who founded the topic, who its members are and who invited them"},{"interface":"ui","new":false,"profile":"interaction","words":"show you a view with buttons and inputs, and know who you are"},{"interface":"event","new":false,"profile":"state-apply","words":"see each event: who made it, when they say, and what is in it"},{"interface":"state","new":false,"profile":"state-apply","words":"read and change the topic's shared state"},{"interface":"topic-info","new":false,"profile":"state-apply","words":"see who founded the topic, who its members are and who invited them"},{"interface":"state-view","new":false,"profile":"state-propose","words":"read the topic's shared state"}],"name":"counter","no_more":[],"notices":[],"pinned":false,"previous":null,"revoked":null,"shown":"0a","topics":[],"version":"1.0.0"},
    {"as_of":null,"author":"0a","author_is_known":true,"author_name":"myr1…","bundle":"0a","description":"A number that a group counts up and down together.","may":[{"interface":"state-view","new":false,"profile":"interaction","words":"read the topic's shared state"},{"interface":"topic-info","new":false,"profile":"interaction","words":"see who founded the topic, who its members are and who invited them"},{"interface":"ui","new":false,"profile":"interaction","words":"show you a view with buttons and inputs, and know who you are"},{"interface":"event","new":false,"profile":"state-apply","words":"see each event: who made it, when they say, and what is in it"},{"interface":"state","new":false,"profile":"state-apply","words":"read and change the topic's shared state"},{"interface":"topic-info","new":false,"profile":"state-apply","words":"see who founded the topic, who its members are and who invited them"},{"interface":"state-view","new":false,"profile":"state-propose","words":"read the topic's shared state"}],"name":"counter","no_more":[],"notices":["it is installed already"],"pinned":false,"previous":null,"revoked":null,"shown":"0a","topics":[],"version":"1.0.0"},
  ],
  "offers": [
    [{"author":"0a","author_name":"myr1…","bundle":"0a","name":"counter","topics":[],"version":"1.0.0"}],
  ],
  "peers": [
    {"addresses":[],"fetches":[{"bundle":"0a","bytes":3,"total":9}],"id":"0a","peers":[]},
    {"addresses":[],"fetches":[{"bundle":"0a","bytes":3,"total":9}],"id":"0a","peers":[{"events":3,"id":"0a","points":4,"received":2,"role":"dialer","seconds":5,"sent":1,"topics":[{"known":2,"name":"","state":"denied","topic":"0a","total":3},{"known":2,"name":"","state":"complete","topic":"0a","total":3},{"known":2,"name":"","state":"exchanging","topic":"0a","total":3}]},{"events":3,"id":"0a","points":0,"received":2,"role":"listener","seconds":5,"sent":1,"topics":[]}]},
  ],
  "pending": [
    [],
    [{"id":"0a","missing":["0a"]}],
  ],
  "pin": [
    {},
  ],
  "press": [
    {"acted":{"event":"0a","reason":"","verdict":"accept"},"asked":[]},
    {"acted":{"event":"0a","reason":"","verdict":"accept"},"asked":[{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","choices":["Ada","Bob"],"kind":"choose","question":"Who?","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"ask","question":"Who?","token":"0a","topic":"0a","value":"Ada","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"copy","text":"soup","token":"0a","topic":"0a","version":"1.0.0"},{"accept":"text/plain","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"pick","token":"0a","topic":"0a","version":"1.0.0"},{"address":"https://example.org","app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"open","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"subscribe","server_key":"0a","token":"0a","topic":"0a","version":"1.0.0"},{"app":"pins","author":"0a","author_name":"myr1…","bundle":"0a","kind":"other","token":"0a","topic":"0a","version":"1.0.0"}]},
  ],
  "refuse": [
    {"gone":true},
  ],
  "remove": [
    {"event":"0a","reason":"","verdict":"accept"},
  ],
  "root": [
    {"events":3,"height":2,"root":"0a","tip":"0a","topic":"0a"},
    {"events":2,"height":1,"root":null,"tip":"0a","topic":"0a"},
  ],
  "state": [
    {"entries":[{"key":"73616964","value":{"bytes":8,"start":"0a"}}],"later":false},
  ],
  "surface": [
    {"intents":[],"surface":null,"topic":"0a","version":"0a"},
    {"intents":[["draw","1"]],"surface":{"commands":[{"kind":"clear","paint":"#000001ae"}],"height":30,"listens":true,"name":"Board","text":"One colour.","width":40},"topic":"0a","version":"0a"},
  ],
  "take": [
    {"as_of":null,"author":"0a","author_is_known":false,"author_name":"myr1…","bundle":"0a","description":"A number that a group counts up and down together.","may":[{"interface":"state-view","new":false,"profile":"interaction","words":"read the topic's shared state"},{"interface":"topic-info","new":false,"profile":"interaction","words":"see who founded the topic, who its members are and who invited them"},{"interface":"ui","new":false,"profile":"interaction","words":"show you a view with buttons and inputs, and know who you are"},{"interface":"event","new":false,"profile":"state-apply","words":"see each event: who made it, when they say, and what is in it"},{"interface":"state","new":false,"profile":"state-apply","words":"read and change the topic's shared state"},{"interface":"topic-info","new":false,"profile":"state-apply","words":"see who founded the topic, who its members are and who invited them"},{"interface":"state-view","new":false,"profile":"state-propose","words":"read the topic's shared state"}],"name":"counter","no_more":[],"notices":[],"pinned":false,"previous":null,"revoked":null,"shown":"0a","topics":[],"version":"1.0.0"},
  ],
  "ticket": [
    {"app":null,"bundle":"0a","expired":false,"expires":1700000001000,"founder":"0a","founder_name":"myr1…","here":null,"issuer":"0a","issuer_name":"myr1…","may_invite":false,"name":"steps","peers":1,"topic":"0a","uses":1,"version":null,"way":"invited"},
    {"app":"counter","bundle":"0a","expired":false,"expires":1700000001000,"founder":"0a","founder_name":"myr1…","here":"steps","issuer":"0a","issuer_name":"myr1…","may_invite":false,"name":"steps","peers":1,"topic":"0a","uses":1,"version":"1.0.0","way":"invited"},
    {"app":null,"bundle":"0a","expired":false,"expires":null,"founder":"0a","founder_name":"myr1…","here":null,"issuer":null,"issuer_name":null,"may_invite":null,"name":"walks","peers":1,"topic":"0a","uses":null,"version":null,"way":"open"},
    {"app":"counter","bundle":"0a","expired":false,"expires":null,"founder":"0a","founder_name":"myr1…","here":"walks","issuer":null,"issuer_name":null,"may_invite":null,"name":"walks","peers":1,"topic":"0a","uses":null,"version":"1.0.0","way":"open"},
  ],
  "topics": [
    [{"admission":"invite","app":"counter","bundle":"0a","denied":false,"events":1,"folded":true,"founder":"0a","founder_name":"myr1…","generation":0,"id":"0a","id_name":"myrtopic1…","member":true,"name":"steps","next":null,"revoked":false,"standing":"member","version":"1.0.0","waits":null,"why":""},{"admission":"open","app":"counter","bundle":"0a","denied":false,"events":1,"folded":true,"founder":"0a","founder_name":"myr1…","generation":0,"id":"0a","id_name":"myrtopic1…","member":true,"name":"walks","next":null,"revoked":false,"standing":"member","version":"1.0.0","waits":null,"why":""}],
    [{"admission":"invite","app":null,"bundle":"0a","denied":false,"events":2,"folded":false,"founder":"0a","founder_name":"myr1…","generation":0,"id":"0a","id_name":"myrtopic1…","member":null,"name":"walks","next":null,"revoked":false,"standing":"unknown","version":null,"waits":"0a","why":""}],
  ],
  "uninstall": [
    {},
  ],
  "upgrade": [
    {"event":"0a","reason":"","verdict":"accept"},
  ],
  "view": [
    {"more":0,"nodes":[{"depth":0,"height":30,"kind":"surface","name":"Board","text":"One colour.","width":40},{"depth":0,"kind":"text","text":"draw","tone":"plain"}],"topic":"0a","version":"0a"},
    {"more":0,"nodes":null,"topic":"0a","version":"0a"},
    {"more":3,"nodes":[{"depth":1,"kind":"panel","title":"Lunch"},{"depth":1,"kind":"list","numbered":true},{"depth":1,"kind":"message","text":"two have voted","tone":"good"},{"depth":1,"enabled":true,"intent":["add"],"kind":"form","label":"add"},{"depth":1,"kind":"menu","title":"Lunch"},{"depth":1,"enabled":true,"intent":["add"],"kind":"button","label":"add"},{"choices":["hot"],"depth":1,"kind":"input","label":"kind","value":"hot"},{"depth":1,"kind":"dialog","title":"Lunch"},{"columns":["who"],"depth":1,"kind":"table","rows":[["Ada"]]},{"columns":["who"],"depth":1,"kind":"table","more":2,"rows":[["Ada"]]},{"depth":1,"height":3,"kind":"surface","name":"board","text":"a board","width":4},{"depth":1,"kind":"other"},{"depth":1,"kind":"text","text":"soup","tone":"plain"},{"depth":1,"kind":"text","text":"soup","tone":"strong"},{"depth":1,"kind":"text","text":"soup","tone":"muted"},{"depth":1,"kind":"text","text":"soup","tone":"good"},{"depth":1,"kind":"text","text":"soup","tone":"warning"},{"depth":1,"kind":"text","text":"soup","tone":"bad"}],"topic":"0a","version":"0a"},
  ],
  "who": [
    {"id":"0a","name":"myr1…","scope":"0a","scope_name":"desk"},
  ],
} satisfies { readonly [M in keyof Shared]: readonly Shared[M][] };

export const notices = [
  {"kind":"here"},
  {"kind":"topic","topic":"0a","change":"events"},
  {"kind":"topic","topic":"0a","change":"entered"},
  {"kind":"topic","topic":"0a","change":"left"},
  {"kind":"peers"},
  {"kind":"progress","topic":"0a","known":2,"total":3},
  {"kind":"fetch","bundle":"0a","bytes":3,"total":9},
  {"kind":"offer","bundle":"0a"},
  {"kind":"withdrawn","bundle":"0a","name":"poll","reason":"a fault"},
  {"kind":"drift","topic":"0a"},
  {"kind":"fault","code":"store","what":"events were not kept","cause":"the disk is full","next":"free some space"},
] satisfies readonly Notice[];

export const fault = {"code":"busy","what":"nothing was done","cause":"it is folded","next":"wait"} satisfies Fault;
