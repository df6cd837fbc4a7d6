//! A component crate is one macro call: the world's bindings, and a type that exports the rules.
//!
//! The bindings of a world expand in the component itself, because the section that describes
//! the world to the linker must be in that component and in no other; what is imported is bound
//! once, in the SDK. The WIT text travels in this crate, so an app's build needs no path to it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Path, Token};

const WIT: &str = include_str!("../../../wit/kernel.wit");

/// Interfaces the SDK binds; a component imports those that its code reaches.
const INTERFACES: &[&str] = &[
    "log",
    "hash",
    "signature",
    "fork-proof",
    "topic-info",
    "event",
    "state",
    "state-view",
    "clock",
    "random",
    "ui",
    "canvas",
    "kv",
    "intent",
    "prompt",
    "clipboard-write",
    "file-picker",
    "navigate",
    "push",
];

pub(crate) fn imports() -> TokenStream {
    let imports: String = INTERFACES.iter().map(|name| format!("import {name};\n")).collect();
    let wit = format!("{WIT}\nworld sdk {{\n{imports}}}\n");
    quote! {
        ::wit_bindgen::generate!({ world: "sdk", inline: #wit });
    }
}

fn component(world: &str, guest: TokenStream) -> TokenStream {
    quote! {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "exports of the component model are raw functions")]
        mod __myrhiza {
            ::myrhiza_sdk::guest::wit_bindgen::generate!({
                world: #world,
                inline: #WIT,
                runtime_path: "::myrhiza_sdk::guest::wit_bindgen::rt",
            });
            use super::*;
            use ::myrhiza_sdk::guest;
            struct Component;
            #guest
            export!(Component);
        }
    }
}

pub(crate) fn state_apply(rules: &Path) -> TokenStream {
    component(
        "state-apply",
        quote! {
            impl Guest for Component {
                fn apply() -> Verdict {
                    let (code, reason) = guest::apply(#rules);
                    Verdict { code, reason }
                }
            }
        },
    )
}

pub(crate) fn migrate(rules: &Path) -> TokenStream {
    component(
        "migrate",
        quote! {
            impl Guest for Component {
                fn migrate(
                    from: Version,
                    cursor: ::std::vec::Vec<u8>,
                ) -> ::std::option::Option<::std::vec::Vec<u8>> {
                    let Version { major, minor, patch } = from;
                    let from = ::myrhiza_sdk::Version { major, minor, patch };
                    guest::migrate(from, &cursor, #rules)
                }
            }
        },
    )
}

pub(crate) fn state_propose(rules: &Path) -> TokenStream {
    component(
        "state-propose",
        quote! {
            impl Guest for Component {
                fn propose(
                    intent: ::std::vec::Vec<::std::string::String>,
                ) -> ::std::result::Result<Candidate, ::std::string::String> {
                    let (variant, payload) = guest::propose(&intent, #rules)?;
                    Ok(Candidate { variant, payload })
                }
            }
        },
    )
}

/// `view`; `view, draw`; `view, press, complete`; or `view, draw, press, complete`.
pub(crate) fn interaction(paths: &Punctuated<Path, Token![,]>) -> syn::Result<TokenStream> {
    match paths.iter().collect::<Vec<_>>().as_slice() {
        [view] => Ok(showing(view, None)),
        [view, draw] => Ok(showing(view, Some(draw))),
        [view, press, complete] => Ok(acting(view, None, press, complete)),
        [view, draw, press, complete] => Ok(acting(view, Some(draw), press, complete)),
        _ => {
            let wants = "name `view`, or `view, draw`, each alone or followed by `press, complete`";
            Err(syn::Error::new_spanned(paths, wants))
        }
    }
}

/// What `render` does: it shows, and draws if there is a surface.
fn render(view: &Path, draw: Option<&Path>) -> TokenStream {
    let draw = draw.map(|draw| quote! { guest::draw(#draw); });
    quote! {
        fn render() {
            #draw
            guest::render(#view);
        }
    }
}

fn showing(view: &Path, draw: Option<&Path>) -> TokenStream {
    let render = render(view, draw);
    component("interaction", quote! { impl Guest for Component { #render } })
}

fn acting(view: &Path, draw: Option<&Path>, press: &Path, complete: &Path) -> TokenStream {
    let render = render(view, draw);
    component(
        "interaction-acting",
        quote! {
            impl Guest for Component {
                #render

                fn press(words: ::std::vec::Vec<::std::string::String>) {
                    guest::press(&words, #press);
                }

                fn complete(token: u64, outcome: Outcome) {
                    use ::myrhiza_sdk::Answer;
                    let answer = match outcome {
                        Outcome::Declined => Answer::Declined,
                        Outcome::Unavailable(why) => Answer::Unavailable(why),
                        Outcome::Done => Answer::Done,
                        Outcome::Chosen(index) => Answer::Chosen(index),
                        Outcome::Text(text) => Answer::Text(text),
                        Outcome::File(File { name, bytes }) => Answer::File { name, bytes },
                        Outcome::Subscribed(json) => Answer::Subscribed(json),
                    };
                    guest::complete(token, answer, #complete);
                }
            }
        },
    )
}
