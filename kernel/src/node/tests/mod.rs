//! What nodes hold among each other: see each test's name.

mod bundles;
mod drift;
mod drive;
mod faults;
mod live;
mod net;
mod overlay;
