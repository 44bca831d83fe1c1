//! Variables that hold an item between iterations.

use crate::expr::{ConstValue, ExprId, ExprKind, Place};
use crate::func::{COPY, LocalId};
use crate::hir::Span;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

/// Where a value is kept: a tuple in parts, and what a shared reference points to instead of the reference, so that no pointer appears.
/// Nobody can tell: what is behind a shared reference does not change. Only a reference that gets out of compiled code has to be itself:
/// where one may, the program is lowered again, and keeps references ([`crate::lower::lower_keeping_references`]).
#[derive(Clone, Debug)]
pub(in crate::lower) enum Slot {
    Unit,
    Value(LocalId),
    /// Of this reference type.
    Pointee(LocalId, ITy),
    Tuple(Vec<Slot>),
}

/// Where an `Option` is kept.
#[derive(Clone, Debug)]
pub(in crate::lower) struct OptionSlot {
    pub(in crate::lower) flag: LocalId,
    pub(in crate::lower) value: Slot,
    pub(super) ty: ITy,
}

impl Lowering<'_> {
    /// A slot for values of a type.
    pub(in crate::lower) fn new_slot(&mut self, ty: &ITy, span: Span) -> Slot {
        self.new_slot_with(ty, false, span)
    }

    /// A slot that keeps references as they are, for what may be read before and used after another value is stored.
    pub(in crate::lower) fn new_slot_of_refs(&mut self, ty: &ITy, span: Span) -> Slot {
        self.new_slot_with(ty, true, span)
    }

    fn new_slot_with(&mut self, ty: &ITy, keeps_refs: bool, span: Span) -> Slot {
        match self.infer.shallow(ty) {
            ITy::Unit => Slot::Unit,
            ITy::Tuple(elems) => Slot::Tuple(
                (elems.iter())
                    .map(|elem| self.new_slot_with(elem, keeps_refs, span))
                    .collect(),
            ),
            ITy::View(_) => {
                self.refuse(
                    span,
                    "a part of an array that is kept from one iteration to the next",
                    "keep its index",
                );
                Slot::Unit
            }
            ITy::Ref { to, mutable: false } if !keeps_refs && !self.keeps_refs() => {
                let name = format!("{COPY}{}", self.locals.len());
                let local = self.push_local(name, (*to).clone(), true, span);
                self.accumulators.insert(local);
                let ty = ITy::Ref { to, mutable: false };
                Slot::Pointee(local, ty)
            }
            other => {
                let local = self.push_temp(other, true, span);
                self.accumulators.insert(local);
                Slot::Value(local)
            }
        }
    }

    /// Whether no copy stands for a reference.
    fn keeps_refs(&self) -> bool {
        let context = self.current.context;
        context.is_some_and(|context| context.linkage.keeps_refs)
    }

    /// A slot with this value.
    pub(in crate::lower) fn slot_of(&mut self, value: ExprId) -> Slot {
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        let slot = self.new_slot(&ty, span);
        self.store(&slot, value);
        slot
    }

    /// Stores a value, which may depend on what is stored now.
    pub(in crate::lower) fn store(&mut self, slot: &Slot, value: ExprId) {
        let mut leaves = Vec::new();
        self.take_apart(slot, value, &mut leaves);
        if leaves.len() > 1 {
            for (_, value) in &mut leaves {
                *value = self.evaluate(*value);
            }
        }
        for (local, value) in leaves {
            let ty = self.local_tys[local.index()].clone();
            self.expect_expr(value, &ty);
            self.assign(local, value);
        }
    }

    fn take_apart(&mut self, slot: &Slot, value: ExprId, leaves: &mut Vec<(LocalId, ExprId)>) {
        match slot {
            Slot::Unit => self.drop_value(value),
            Slot::Value(local) => leaves.push((*local, value)),
            Slot::Pointee(local, _) => {
                let span = self.span_of(value);
                let value = self.deref_expr(value, span);
                leaves.push((*local, value));
            }
            Slot::Tuple(slots) => {
                for (slot, part) in slots.iter().zip(self.tuple_parts(value, slots.len())) {
                    self.take_apart(slot, part, leaves);
                }
            }
        }
    }

    /// The elements of a tuple value.
    pub(in crate::lower) fn tuple_parts(&mut self, value: ExprId, len: usize) -> Vec<ExprId> {
        if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone()
            && elems.len() == len
        {
            self.discard(value);
            return elems;
        }
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        let place = self.evaluate_place(value);
        let parts = (0..len).map(|index| {
            let Some((field, ty)) = self.tuple_part(&ty, index, span) else {
                return self.poison(span);
            };
            let mut part = place.clone();
            part.projections.push(crate::expr::Projection::Field(field));
            self.push_expr(ExprKind::Load(part), ty, span)
        });
        parts.collect()
    }

    /// The value that is stored.
    pub(in crate::lower) fn read(&mut self, slot: &Slot, span: Span) -> ExprId {
        match slot {
            Slot::Unit => self.poison(span),
            Slot::Value(local) => self.load_local(*local, span),
            Slot::Pointee(local, ty) => {
                let kind = ExprKind::Borrow(Place::local(*local));
                self.push_expr(kind, ty.clone(), span)
            }
            Slot::Tuple(slots) => {
                let elems: Vec<_> = slots.iter().map(|slot| self.read(slot, span)).collect();
                let tys = elems.iter().map(|elem| self.ty_of(*elem)).collect();
                self.push_expr(ExprKind::Tuple(elems), ITy::Tuple(tys), span)
            }
        }
    }

    /// Gives every variable of a slot some value, since an `Option` is copied as a whole, also if it is `None`.
    pub(in crate::lower) fn clear(&mut self, slot: &Slot, span: Span) {
        match slot {
            Slot::Unit => {}
            Slot::Value(local) | Slot::Pointee(local, _) => {
                let ty = self.local_tys[local.index()].clone();
                let zero = self.push_expr(ExprKind::Zeroed, ty, span);
                self.assign(*local, zero);
            }
            Slot::Tuple(slots) => slots.iter().for_each(|slot| self.clear(slot, span)),
        }
    }

    /// A slot with `None`, for values of a type.
    pub(in crate::lower) fn new_option_slot(&mut self, ty: &ITy, span: Span) -> OptionSlot {
        let value = self.new_slot(ty, span);
        self.none_in(value, ty, span)
    }

    /// The same as [`Lowering::new_slot_of_refs`].
    pub(in crate::lower) fn new_option_slot_of_refs(&mut self, ty: &ITy, span: Span) -> OptionSlot {
        let value = self.new_slot_of_refs(ty, span);
        self.none_in(value, ty, span)
    }

    fn none_in(&mut self, value: Slot, ty: &ITy, span: Span) -> OptionSlot {
        let flag = self.new_flag(false, span);
        self.clear(&value, span);
        OptionSlot {
            flag,
            value,
            ty: ty.clone(),
        }
    }

    pub(in crate::lower) fn store_some(&mut self, slot: &OptionSlot, value: ExprId) {
        let span = self.span_of(value);
        self.store(&slot.value, value);
        self.set_flag(slot.flag, true, span);
    }

    pub(in crate::lower) fn read_option(&mut self, slot: &OptionSlot, span: Span) -> ExprId {
        let mut parts = vec![self.load_local(slot.flag, span)];
        parts.push(match slot.value {
            Slot::Unit => self.push_expr(ExprKind::Zeroed, ITy::Unit, span),
            _ => self.read(&slot.value, span),
        });
        let ty = ITy::Option(Box::new(slot.ty.clone()));
        self.push_expr(ExprKind::Tuple(parts), ty, span)
    }

    /// Whether an `Option` is `Some`, and what is in it; the latter is looked at only if so. `None`: it is no `Option`, which is reported.
    pub(in crate::lower) fn option_parts(&mut self, value: ExprId) -> Option<(ExprId, ExprId)> {
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        let some = self.infer.fresh();
        if self.is_reported(&ty) {
            let flag = self.poison(span);
            return Some((flag, self.poison(span)));
        }
        let expected = ITy::Option(Box::new(some.clone()));
        self.expect_ty(&ty, &expected, span);
        if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone()
            && let [flag, payload] = elems.as_slice()
        {
            self.discard(value);
            return Some((*flag, *payload));
        }
        let place = self.evaluate_place(value);
        let part = |this: &mut Self, field: u32, ty: ITy| {
            let mut place = place.clone();
            place
                .projections
                .push(crate::expr::Projection::Field(field));
            this.push_expr(ExprKind::Load(place), ty, span)
        };
        let flag = part(self, 0, ITy::BOOL);
        let payload = match self.infer.shallow(&some) {
            ITy::Unit => self.push_expr(ExprKind::Zeroed, ITy::Unit, span),
            _ => part(self, 1, some),
        };
        Some((flag, payload))
    }

    // Flags and counters.

    pub(in crate::lower) fn bool_const(&mut self, value: bool, span: Span) -> ExprId {
        let kind = ExprKind::Const(ConstValue::Bool(value));
        self.push_expr(kind, ITy::BOOL, span)
    }

    pub(in crate::lower) fn new_flag(&mut self, value: bool, span: Span) -> LocalId {
        let flag = self.push_temp(ITy::BOOL, true, span);
        self.set_flag(flag, value, span);
        flag
    }

    pub(in crate::lower) fn set_flag(&mut self, flag: LocalId, value: bool, span: Span) {
        let value = self.bool_const(value, span);
        self.assign(flag, value);
    }

    /// A `usize` variable with this value.
    pub(in crate::lower) fn new_counter(&mut self, value: ExprId) -> LocalId {
        let counter = self.push_temp(ITy::USIZE, true, self.span_of(value));
        self.assign(counter, value);
        counter
    }

    /// `counter += amount`, wrapping.
    pub(in crate::lower) fn step_counter(&mut self, counter: LocalId, up: bool, span: Span) {
        let value = self.load_local(counter, span);
        let one = self.usize_const(1, span);
        let value = if up {
            self.add(value, one)
        } else {
            self.sub(value, one)
        };
        self.assign(counter, value);
    }
}
