//! What the derives share: a variant's fields as patterns and constructors, and its number.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitInt, Result, Type, Variant};

/// The fields of a struct or of an enum's variant, each bound to a local name.
pub(crate) struct Bound<'a> {
    fields: &'a Fields,
    /// One name a field.
    pub(crate) names: Vec<Ident>,
    /// One type a field.
    pub(crate) types: Vec<&'a Type>,
}

impl<'a> Bound<'a> {
    pub(crate) fn new(fields: &'a Fields) -> Self {
        let names = (0..fields.len()).map(|i| format_ident!("field_{i}")).collect();
        Self { fields, names, types: fields.iter().map(|field| &field.ty).collect() }
    }

    /// `{ a: field_0, b: field_1 }`, `(field_0, field_1)` or nothing: a pattern and a constructor.
    pub(crate) fn braces(&self) -> TokenStream {
        let names = &self.names;
        match self.fields {
            Fields::Named(fields) => {
                let idents = fields.named.iter().map(|field| &field.ident);
                quote! { { #(#idents: #names),* } }
            }
            Fields::Unnamed(_) => quote! { ( #(#names),* ) },
            Fields::Unit => quote! {},
        }
    }

    /// The name of a field as its author wrote it, if it has one.
    pub(crate) fn written_name(&self, index: usize) -> Option<String> {
        self.fields.iter().nth(index)?.ident.as_ref().map(ToString::to_string)
    }
}

/// The variants of an enum, or why there are none to derive for.
pub(crate) fn variants(input: &DeriveInput, what: &str) -> Result<Vec<Variant>> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, format!("`{what}` is derived for enums")));
    };
    if data.variants.is_empty() {
        return Err(Error::new_spanned(&input.ident, "an enum without variants holds nothing"));
    }
    no_generics(input)?;
    Ok(data.variants.iter().cloned().collect())
}

/// Data on the wire has one shape, so what describes it is not generic.
pub(crate) fn no_generics(input: &DeriveInput) -> Result<()> {
    if input.generics.params.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(&input.generics, "what is stored or sent has no type parameters"))
}

/// The number of every variant, from `#[n(…)]`, none twice.
pub(crate) fn numbers(variants: &[Variant]) -> Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for variant in variants {
        let number = number(&variant.attrs, variant.ident.span())?;
        if numbers.contains(&number) {
            return Err(Error::new(variant.ident.span(), format!("{number} is given twice")));
        }
        numbers.push(number);
    }
    Ok(numbers)
}

fn number(attrs: &[Attribute], span: Span) -> Result<u32> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("n")).ok_or_else(|| {
        Error::new(span, "give the variant its lasting number, such as `#[n(0)]`")
    })?;
    attr.parse_args::<LitInt>()?.base10_parse()
}
