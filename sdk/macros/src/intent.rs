//! `#[derive(Intent)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::fields::{Bound, variants};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let variants = variants(input, "Intent")?;
    let (mut usages, mut parse, mut words) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &variants {
        let bound = Bound::new(&variant.fields);
        let (ident, braces, names) = (&variant.ident, bound.braces(), &bound.names);
        let verb = kebab(&ident.to_string());
        let arguments: Vec<_> = bound
            .types
            .iter()
            .enumerate()
            .map(|(i, ty)| {
                let name = match bound.written_name(i) {
                    Some(name) => {
                        let name = name.to_uppercase();
                        quote! { ::std::option::Option::Some(#name) }
                    }
                    None => quote! { ::std::option::Option::None },
                };
                quote! { ::myrhiza_sdk::intent::Slot::of::<#ty>(#name) }
            })
            .collect();
        let places = 0..names.len();
        usages.push(quote! {
            ::myrhiza_sdk::intent::Usage { verb: #verb, slots: &[#(#arguments),*] }
        });
        let usage = usages.len() - 1;
        parse.push(quote! {
            #verb => {
                let mut words = ::myrhiza_sdk::intent::Words::new(&Self::USAGES[#usage], words);
                #(let #names = words.next(#places)?;)*
                words.end()?;
                Ok(Self::#ident #braces)
            }
        });
        words.push(quote! {
            Self::#ident #braces => {
                words.push(::std::string::String::from(#verb));
                #(::myrhiza_sdk::intent::Word::write(#names, &mut words);)*
            }
        });
    }
    let name = &input.ident;
    Ok(quote! {
        impl ::myrhiza_sdk::Intent for #name {
            const USAGES: &'static [::myrhiza_sdk::intent::Usage] = &[#(#usages),*];

            fn parse(
                words: &[::std::string::String],
            ) -> ::std::result::Result<Self, ::myrhiza_sdk::Refusal> {
                let (verb, words) = ::myrhiza_sdk::intent::verb::<Self>(words)?;
                match verb {
                    #(#parse)*
                    _ => Err(::myrhiza_sdk::intent::unknown::<Self>(verb)),
                }
            }

            fn to_words(&self) -> ::std::vec::Vec<::std::string::String> {
                let mut words = ::std::vec::Vec::new();
                match self { #(#words)* }
                words
            }
        }

        impl ::std::convert::From<#name> for ::myrhiza_sdk::view::Offer {
            fn from(intent: #name) -> Self {
                Self(::myrhiza_sdk::Intent::to_words(&intent))
            }
        }
    })
}

/// `AddOption` as `add-option`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
