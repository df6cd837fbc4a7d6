//! `#[derive(Codec)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Result};

use crate::fields::{Bound, no_generics, numbers, variants};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let (encode, decode) = match &input.data {
        Data::Struct(data) => {
            let bound = Bound::new(&data.fields);
            let (braces, names, types) = (bound.braces(), &bound.names, &bound.types);
            let length = names.len() as u64;
            (
                quote! {
                    let Self #braces = self;
                    to.array(#length);
                    #(::myrhiza_sdk::codec::Codec::encode(#names, to);)*
                },
                quote! {
                    from.array_of(#length)?;
                    #(let #names = <#types as ::myrhiza_sdk::codec::Codec>::decode(from)?;)*
                    Ok(Self #braces)
                },
            )
        }
        Data::Enum(_) => of_enum(input)?,
        Data::Union(_) => {
            return Err(Error::new_spanned(&input.ident, "a union has no certain content"));
        }
    };
    no_generics(input)?;
    let name = &input.ident;
    Ok(quote! {
        impl ::myrhiza_sdk::codec::Codec for #name {
            fn encode(&self, to: &mut ::myrhiza_sdk::codec::Encoder) {
                #encode
            }
            fn decode(
                from: &mut ::myrhiza_sdk::codec::Decoder<'_>,
            ) -> ::std::result::Result<Self, ::myrhiza_sdk::codec::Malformed> {
                #decode
            }
        }
    })
}

fn of_enum(input: &DeriveInput) -> Result<(TokenStream, TokenStream)> {
    let variants = variants(input, "Codec")?;
    let numbers = numbers(&variants)?;
    let (mut encode, mut decode) = (Vec::new(), Vec::new());
    for (variant, number) in variants.iter().zip(numbers) {
        let bound = Bound::new(&variant.fields);
        let (ident, braces) = (&variant.ident, bound.braces());
        let (names, types) = (&bound.names, &bound.types);
        let length = names.len() as u64 + 1;
        encode.push(quote! {
            Self::#ident #braces => {
                to.array(#length);
                ::myrhiza_sdk::codec::Codec::encode(&#number, to);
                #(::myrhiza_sdk::codec::Codec::encode(#names, to);)*
            }
        });
        decode.push(quote! {
            (#number, #length) => {
                #(let #names = <#types as ::myrhiza_sdk::codec::Codec>::decode(from)?;)*
                Ok(Self::#ident #braces)
            }
        });
    }
    Ok((
        quote! { match self { #(#encode)* } },
        quote! {
            let length = from.array()?;
            match (<u32 as ::myrhiza_sdk::codec::Codec>::decode(from)?, length) {
                #(#decode)*
                _ => Err(::myrhiza_sdk::codec::Malformed),
            }
        },
    ))
}
