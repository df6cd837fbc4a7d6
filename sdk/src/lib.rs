//! What an author of Myrhiza apps and modules depends on.
