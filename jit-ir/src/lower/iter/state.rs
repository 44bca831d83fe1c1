//! The state of iterators: copies of it, and how it begins again.

use super::{Iter, IterId};
use crate::func::LocalId;
use crate::hir::Span;
use crate::lower::infer::ITy;
use crate::lower::iter::slot::{OptionSlot, Slot};
use crate::lower::state::Lowering;

/// Variables of an iterator's state, and those of its copy.
pub(in crate::lower) type Copies = Vec<(LocalId, LocalId)>;

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
    pub(in crate::lower) fn restore(&mut self, copies: &Copies, span: Span) {
        for (original, copy) in copies {
            let value = self.load_local(*original, span);
            self.assign(*copy, value);
        }
    }

    /// The same iterator with variables of its own.
    pub(in crate::lower) fn copy_of(&mut self, id: IterId, copies: &mut Copies) -> IterId {
        let span = self.iter_span(id);
        let iter = match self.iter(id) {
            Iter::Part { of, start, end } => Iter::Part {
                of: self.copy_of(of, copies),
                start,
                end,
            },
            Iter::Cursor { of, front, back } => Iter::Cursor {
                of: self.copy_of(of, copies),
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
                let f = self.copy_of_closure(f, copies);
                Iter::TakeWhile(of, f, self.copy_of_maybe(state, copies))
            }
            Iter::SkipWhile(of, f, state) => {
                let of = self.copy_of(of, copies);
                let f = self.copy_of_closure(f, copies);
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
            Iter::Map(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::Map(of, self.copy_of_closure(f, copies))
            }
            Iter::Filter(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::Filter(of, self.copy_of_closure(f, copies))
            }
            Iter::FilterMap(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::FilterMap(of, self.copy_of_closure(f, copies))
            }
            Iter::Inspect(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::Inspect(of, self.copy_of_closure(f, copies))
            }
            Iter::MapWhile(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::MapWhile(of, self.copy_of_closure(f, copies))
            }
            Iter::FlatMap(of, f) => {
                let of = self.copy_of(of, copies);
                Iter::FlatMap(of, self.copy_of_closure(f, copies))
            }
            Iter::Flatten(of) => Iter::Flatten(self.copy_of(of, copies)),
            Iter::Scan(of, state, f) => {
                let of = self.copy_of(of, copies);
                let f = self.copy_of_closure(f, copies);
                Iter::Scan(of, self.copy_of_local(state, copies), f)
            }
            Iter::Copied(of) => Iter::Copied(self.copy_of(of, copies)),
            Iter::Rev(of) => Iter::Rev(self.copy_of(of, copies)),
            Iter::Successors { state, step } => Iter::Successors {
                state: self.copy_of_slot(&state, copies),
                step: self.copy_of_closure(step, copies),
            },
            Iter::RepeatWith(f) => Iter::RepeatWith(self.copy_of_closure(f, copies)),
            Iter::FromFn(f) => Iter::FromFn(self.copy_of_closure(f, copies)),
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
                state,
            } => Iter::Runs {
                whole,
                elem,
                f: self.copy_of_closure(f, copies),
                kind,
                state: state.map(|(front, done)| {
                    (
                        self.copy_of_local(front, copies),
                        self.copy_of_local(done, copies),
                    )
                }),
            },
            Iter::Cycle { of, state: None } => Iter::Cycle {
                of: self.copy_of(of, copies),
                state: None,
            },
            // Nothing of these changes.
            Iter::Range(_)
            | Iter::Elements { .. }
            | Iter::Array(_)
            | Iter::Parts { .. }
            | Iter::ByRef(_)
            | Iter::Opaque(_)
            | Iter::Empty(_)
            | Iter::Once(_)
            | Iter::Repeat(_) => return id,
        };
        self.new_iter(iter, span)
    }

    pub(in crate::lower) fn copy_of_local(
        &mut self,
        local: LocalId,
        copies: &mut Copies,
    ) -> LocalId {
        let ty = self.local_tys[local.index()].clone();
        let name = self.locals[local].name.clone();
        let copy = self.push_local(name, ty, true, self.local_spans[local.index()]);
        if self.accumulators.contains(&local) {
            self.accumulators.insert(copy);
        }
        copies.push((local, copy));
        copy
    }

    /// Whether a closure in it takes arrays of ndarray: it is lowered once, for the very arrays that it gets.
    pub(super) fn feeds_views(&mut self, id: IterId) -> bool {
        let of = match self.iter(id) {
            Iter::Map(of, _)
            | Iter::Filter(of, _)
            | Iter::FilterMap(of, _)
            | Iter::Inspect(of, _)
            | Iter::MapWhile(of, _)
            | Iter::FlatMap(of, _)
            | Iter::TakeWhile(of, ..)
            | Iter::SkipWhile(of, ..)
            | Iter::Scan(of, ..) => of,
            Iter::Zip(a, b) | Iter::Chain(a, b, _) => {
                return self.feeds_views(a) || self.feeds_views(b);
            }
            Iter::Part { of, .. }
            | Iter::Cursor { of, .. }
            | Iter::ByRef(of)
            | Iter::Enumerate(of, _)
            | Iter::Flatten(of)
            | Iter::Copied(of)
            | Iter::Rev(of)
            | Iter::Skip(of, ..)
            | Iter::Take(of, ..)
            | Iter::StepBy(of, ..)
            | Iter::Peekable { of, .. }
            | Iter::Cycle { of, .. } => return self.feeds_views(of),
            _ => return false,
        };
        if self.feeds_views(of) {
            return true;
        }
        let item = self.item_ty(of, self.iter_span(of));
        self.has_views(&item)
    }

    fn has_views(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::View(_) => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.has_views(elem)),
            _ => false,
        }
    }

    /// Whether a closure in it has state.
    pub(super) fn keeps_state(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Map(of, f)
            | Iter::Filter(of, f)
            | Iter::FilterMap(of, f)
            | Iter::Inspect(of, f)
            | Iter::MapWhile(of, f)
            | Iter::FlatMap(of, f)
            | Iter::TakeWhile(of, f, _)
            | Iter::SkipWhile(of, f, _)
            | Iter::Scan(of, _, f) => self.has_own_state(f) || self.keeps_state(of),
            Iter::Successors { step: f, .. }
            | Iter::RepeatWith(f)
            | Iter::FromFn(f)
            | Iter::Runs { f, .. } => self.has_own_state(f),
            Iter::Zip(a, b) | Iter::Chain(a, b, _) => self.keeps_state(a) || self.keeps_state(b),
            Iter::Part { of, .. }
            | Iter::Cursor { of, .. }
            | Iter::ByRef(of)
            | Iter::Enumerate(of, _)
            | Iter::Flatten(of)
            | Iter::Copied(of)
            | Iter::Rev(of)
            | Iter::Skip(of, ..)
            | Iter::Take(of, ..)
            | Iter::StepBy(of, ..)
            | Iter::Peekable { of, .. }
            | Iter::Cycle { of, .. } => self.keeps_state(of),
            Iter::Range(_)
            | Iter::Elements { .. }
            | Iter::Array(_)
            | Iter::Parts { .. }
            | Iter::Opaque(_)
            | Iter::Empty(_)
            | Iter::Once(_)
            | Iter::Repeat(_) => false,
        }
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
