//! The derives and component macros of `myrhiza-sdk`, which re-exports and documents them.

use proc_macro::TokenStream;
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Path, Token, parse_macro_input};

mod codec;
mod component;
mod event;
mod fields;
mod intent;

/// Derives `Codec`: how a type is written as a state value or inside a payload.
///
/// A struct is an array of its fields. An enum is an array of the variant's number, given by
/// `#[n(0)]`, and its fields. Numbers are what old data means: never give one to another variant.
#[proc_macro_derive(Codec, attributes(n))]
pub fn codec(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    codec::derive(&input).unwrap_or_else(|e| e.into_compile_error()).into()
}

/// Derives `Event` for an enum of what can happen in an app.
///
/// Each variant has its payload variant, the number peers and author policies know it by, in
/// `#[n(0)]`; its payload is the array of its fields.
#[proc_macro_derive(Event, attributes(n))]
pub fn event(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    event::derive(&input).unwrap_or_else(|e| e.into_compile_error()).into()
}

/// Derives `Intent` for an enum of what a user can ask for: the variant's name in kebab case, then
/// a word for each field (a `Vec`, which must be last, takes all that are left).
#[proc_macro_derive(Intent)]
pub fn intent(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    intent::derive(&input).unwrap_or_else(|e| e.into_compile_error()).into()
}

/// Makes this crate the `state-apply` component of the rules function it names:
/// `fn(&mut impl ApplyContext, E) -> Result<(), Reject>`, for an `E: Event`.
#[proc_macro]
pub fn state_apply(input: TokenStream) -> TokenStream {
    component::state_apply(&parse_macro_input!(input as Path)).into()
}

/// Makes this crate the `migrate` component of the function it names:
/// `fn(&mut impl MigrateContext, Version, Option<C>) -> Option<C>`, for a `C: Codec`.
#[proc_macro]
pub fn migrate(input: TokenStream) -> TokenStream {
    component::migrate(&parse_macro_input!(input as Path)).into()
}

/// Makes this crate the `state-propose` component of the function it names:
/// `fn(&impl ProposeContext, I) -> Result<E, Refusal>`, for an `I: Intent` and an `E: Event`.
#[proc_macro]
pub fn state_propose(input: TokenStream) -> TokenStream {
    component::state_propose(&parse_macro_input!(input as Path)).into()
}

/// Makes this crate the `interaction` component of the function it names:
/// `fn(&impl ViewContext, &mut View)`.
///
/// A second one draws on a surface beside the view: `fn(&impl ViewContext, &mut M, &mut Canvas)`. What
/// is in `M`, which begins as `M::default()`, stays until the surface closes or the app fails.
///
/// The last two of three or four take what the user does: `interaction!(view, press, complete)` or
/// `interaction!(view, draw, press, complete)`, with `fn(&impl ActContext, &[String])` and
/// `fn(&impl ActContext, Token, Answer)`.
#[proc_macro]
pub fn interaction(input: TokenStream) -> TokenStream {
    let paths = Punctuated::<Path, Token![,]>::parse_terminated;
    let paths = parse_macro_input!(input with paths);
    component::interaction(&paths).unwrap_or_else(|e| e.into_compile_error()).into()
}

/// The bindings of everything components import, for the SDK itself.
#[doc(hidden)]
#[proc_macro]
pub fn __imports(_: TokenStream) -> TokenStream {
    component::imports().into()
}
