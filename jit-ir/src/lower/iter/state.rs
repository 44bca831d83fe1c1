//! The state of iterators: copies of it, and how it begins again.

use super::{Iter, IterId};
use crate::func::LocalId;
use crate::hir::Span;
use crate::lower::iter::slot::{OptionSlot, Slot};
use crate::lower::state::Lowering;

/// Variables of an iterator's state, and those of its copy.
pub(super) type Copies = Vec<(LocalId, LocalId)>;

impl Lowering<'_> {
    /// Another iterator in the same state.
    pub(super) fn clone_iter(&mut self, id: IterId) -> IterId {
        let mut copies = Copies::new();
        let span = self.iter_span(id);
        let copy = self.copy_of(id, &mut copies);
        self.restore(&copies, span);
        copy
    }

    /// Gives each copy the value that its original has.
    pub(super) fn restore(&mut self, copies: &Copies, span: Span) {
        for (original, copy) in copies {
            let value = self.load_local(*original, span);
            self.assign(*copy, value);
        }
    }

    /// The same iterator with variables of its own.
    pub(super) fn copy_of(&mut self, id: IterId, copies: &mut Copies) -> IterId {
        let span = self.iter_span(id);
        let iter = match self.iter(id) {
            Iter::Cursor { of, front, back } => Iter::Cursor {
                of,
                front: self.copy_of_local(front, copies),
                back: self.copy_of_local(back, copies),
            },
            Iter::Zip(a, b) => Iter::Zip(self.copy_of(a, copies), self.copy_of(b, copies)),
            Iter::Chain(a, b, state) => {
                let (a, b) = (self.copy_of(a, copies), self.copy_of(b, copies));
                Iter::Chain(a, b, self.copy_of_maybe(state, copies))
            }
            Iter::Enumerate(of, state) => {
                let of = self.copy_of(of, copies);
                Iter::Enumerate(of, self.copy_of_maybe(state, copies))
            }
            Iter::TakeWhile(of, f, state) => {
                let of = self.copy_of(of, copies);
                Iter::TakeWhile(of, f, self.copy_of_maybe(state, copies))
            }
            Iter::SkipWhile(of, f, state) => {
                let of = self.copy_of(of, copies);
                Iter::SkipWhile(of, f, self.copy_of_maybe(state, copies))
            }
            Iter::Skip(of, count, state) => {
                let of = self.copy_of(of, copies);
                Iter::Skip(of, count, self.copy_of_maybe(state, copies))
            }
            Iter::Take(of, count, state) => {
                let of = self.copy_of(of, copies);
                Iter::Take(of, count, self.copy_of_maybe(state, copies))
            }
            Iter::StepBy(of, step, state) => {
                let of = self.copy_of(of, copies);
                Iter::StepBy(of, step, self.copy_of_maybe(state, copies))
            }
            Iter::Map(of, f) => Iter::Map(self.copy_of(of, copies), f),
            Iter::Filter(of, f) => Iter::Filter(self.copy_of(of, copies), f),
            Iter::FilterMap(of, f) => Iter::FilterMap(self.copy_of(of, copies), f),
            Iter::Inspect(of, f) => Iter::Inspect(self.copy_of(of, copies), f),
            Iter::MapWhile(of, f) => Iter::MapWhile(self.copy_of(of, copies), f),
            Iter::FlatMap(of, f) => Iter::FlatMap(self.copy_of(of, copies), f),
            Iter::Flatten(of) => Iter::Flatten(self.copy_of(of, copies)),
            Iter::Scan(of, state, f) => {
                let of = self.copy_of(of, copies);
                Iter::Scan(of, self.copy_of_local(state, copies), f)
            }
            Iter::Copied(of) => Iter::Copied(self.copy_of(of, copies)),
            Iter::Rev(of) => Iter::Rev(self.copy_of(of, copies)),
            Iter::Successors { state, step } => Iter::Successors {
                state: self.copy_of_slot(&state, copies),
                step,
            },
            Iter::Peekable { of, known, next } => Iter::Peekable {
                of: self.copy_of(of, copies),
                known: self.copy_of_local(known, copies),
                next: self.copy_of_slot(&next, copies),
            },
            Iter::Cycle {
                of,
                state: Some(start),
            } => {
                // What it begins with again is the same for both, and changes no more.
                let mut renamed = Copies::new();
                let of = self.copy_of(of, &mut renamed);
                let start = (start.iter())
                    .map(|(original, local)| {
                        let copy = renamed.iter().find(|(known, _)| known == local);
                        (*original, copy.map_or(*local, |(_, copy)| *copy))
                    })
                    .collect();
                copies.extend(renamed);
                Iter::Cycle {
                    of,
                    state: Some(start),
                }
            }
            Iter::Runs {
                whole,
                elem,
                f,
                kind,
                state: Some((front, done)),
            } => Iter::Runs {
                whole,
                elem,
                f,
                kind,
                state: Some((
                    self.copy_of_local(front, copies),
                    self.copy_of_local(done, copies),
                )),
            },
            _ => return id,
        };
        self.new_iter(iter, span)
    }

    fn copy_of_local(&mut self, local: LocalId, copies: &mut Copies) -> LocalId {
        let ty = self.local_tys[local.index()].clone();
        let name = self.locals[local].name.clone();
        let copy = self.push_local(name, ty, true, self.local_spans[local.index()]);
        if self.accumulators.contains(&local) {
            self.accumulators.insert(copy);
        }
        copies.push((local, copy));
        copy
    }

    fn copy_of_maybe(&mut self, local: Option<LocalId>, copies: &mut Copies) -> Option<LocalId> {
        local.map(|local| self.copy_of_local(local, copies))
    }

    fn copy_of_slot(&mut self, slot: &OptionSlot, copies: &mut Copies) -> OptionSlot {
        OptionSlot {
            flag: self.copy_of_local(slot.flag, copies),
            value: self.copy_of_value(&slot.value, copies),
            ty: slot.ty.clone(),
        }
    }

    fn copy_of_value(&mut self, slot: &Slot, copies: &mut Copies) -> Slot {
        match slot {
            Slot::Unit => Slot::Unit,
            Slot::Value(local) => Slot::Value(self.copy_of_local(*local, copies)),
            Slot::Pointee(local, ty) => {
                Slot::Pointee(self.copy_of_local(*local, copies), ty.clone())
            }
            Slot::Tuple(slots) => Slot::Tuple(
                (slots.iter())
                    .map(|slot| self.copy_of_value(slot, copies))
                    .collect(),
            ),
        }
    }
}
