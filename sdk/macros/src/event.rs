//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::fields::{Bound, numbers, variants};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let variants = variants(input, "Event")?;
    let numbers = numbers(&variants)?;
    let (mut kinds, mut encode, mut decode) = (Vec::new(), Vec::new(), Vec::new());
    for (variant, number) in variants.iter().zip(numbers) {
        let bound = Bound::new(&variant.fields);
        let (ident, braces) = (&variant.ident, bound.braces());
        let (names, types) = (&bound.names, &bound.types);
        let length = names.len() as u64;
        kinds.push(quote! { Self::#ident { .. } => #number, });
        encode.push(quote! {
            Self::#ident #braces => {
                to.array(#length);
                #(::myrhiza_sdk::codec::Codec::encode(#names, to);)*
            }
        });
        decode.push(quote! {
            #number => {
                from.array_of(#length)?;
                #(let #names = <#types as ::myrhiza_sdk::codec::Codec>::decode(from)?;)*
                Self::#ident #braces
            }
        });
    }
    let name = &input.ident;
    Ok(quote! {
        impl ::myrhiza_sdk::Event for #name {
            fn variant(&self) -> u32 {
                match self { #(#kinds)* }
            }
            fn encode_payload(&self, to: &mut ::myrhiza_sdk::codec::Encoder) {
                match self { #(#encode)* }
            }
            fn decode_payload(
                variant: u32,
                from: &mut ::myrhiza_sdk::codec::Decoder<'_>,
            ) -> ::std::result::Result<
                ::std::option::Option<Self>,
                ::myrhiza_sdk::codec::Malformed,
            > {
                Ok(Some(match variant {
                    #(#decode)*
                    _ => return Ok(None),
                }))
            }
        }
    })
}
