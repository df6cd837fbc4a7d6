//! What nodes hold among each other: see each test's name.

mod live;
mod net;
