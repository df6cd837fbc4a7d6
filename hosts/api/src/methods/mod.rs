//! One file a thing that can be asked for: its shapes, and how they are come by. What commands of a
//! terminal print as JSON too is the same shape, and public.

pub mod act;
pub mod apps;
pub mod asked;
pub mod dag;
pub mod drift;
pub mod event;
pub mod log;
pub mod members;
pub mod offers;
pub mod peers;
pub mod root;
pub mod state;
pub mod surface;
pub mod tickets;
pub mod topics;
pub mod view;
