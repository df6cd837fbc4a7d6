//! A component crate is one macro call: the world's bindings, and a type that exports the rules.
//!
//! The bindings of a world expand in the component itself, because the section that describes
//! the world to the linker must be in that component and in no other; what is imported is bound
//! once, in the SDK. The WIT text travels in this crate, so an app's build needs no path to it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
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

/// The function that shows, and one that draws if there is a surface.
pub(crate) struct Interaction {
    view: Path,
    draw: Option<Path>,
}

impl Parse for Interaction {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let view = input.parse()?;
        let comma: Option<Token![,]> = input.parse()?;
        let draw = match comma {
            Some(_) if !input.is_empty() => Some(input.parse()?),
            _ => None,
        };
        Ok(Self { view, draw })
    }
}

pub(crate) fn interaction(Interaction { view, draw }: &Interaction) -> TokenStream {
    let draw = draw.as_ref().map(|draw| quote! { guest::draw(#draw); });
    component(
        "interaction",
        quote! {
            impl Guest for Component {
                fn render() {
                    #draw
                    guest::render(#view);
                }
            }
        },
    )
}
