//! A topic, its people and a home that folds it, for the tests of `dag`, `order` and `apply`.

pub(crate) mod app;
mod home;
mod script;
mod world;

pub(crate) use home::Home;
pub(crate) use script::{Broken, HEAVY, Op, migration};
pub(crate) use world::{Dice, Scope, World, key};
