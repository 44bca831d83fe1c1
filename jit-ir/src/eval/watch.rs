//! Which memory the iterations of a parallel loop read and store: whether two of them get in each other's way.

use std::collections::HashMap;

/// Accesses of the pieces of one loop to memory that was there before it.
pub(super) struct Watch {
    /// Objects from here on belong to a piece.
    pub(super) first_own: usize,
    /// The piece that runs.
    pub(super) piece: usize,
    /// By object and way.
    seen: HashMap<(usize, Vec<u64>), Seen>,
}

/// Who has accessed a part of memory.
#[derive(Clone, Copy)]
struct Seen {
    first: usize,
    others: bool,
    stored: bool,
}

impl Seen {
    fn with(self, other: Seen) -> Seen {
        Seen {
            first: self.first,
            others: self.others || other.others || self.first != other.first,
            stored: self.stored || other.stored,
        }
    }

    fn is_race(self) -> bool {
        self.others && self.stored
    }
}

impl Watch {
    pub(super) fn new(first_own: usize) -> Self {
        Watch {
            first_own,
            piece: 0,
            seen: HashMap::new(),
        }
    }

    pub(super) fn note(&mut self, object: usize, path: &[u64], stored: bool) {
        if object >= self.first_own {
            return;
        }
        let new = Seen {
            first: self.piece,
            others: false,
            stored,
        };
        let seen = self.seen.entry((object, path.to_vec())).or_insert(new);
        *seen = seen.with(new);
    }

    /// What several pieces access, one of them to store.
    pub(super) fn race(&self) -> Option<String> {
        let race = self.seen.iter().find(|((object, path), seen)| {
            // What contains it was perhaps accessed as a whole.
            let around = |len: usize| self.seen.get(&(*object, path[..len].to_vec()));
            let mut around = (0..path.len()).filter_map(around);
            seen.is_race() || around.any(|whole| seen.with(*whole).is_race())
        });
        race.map(|((object, path), _)| format!("object {object}, way {path:?}"))
    }
}
