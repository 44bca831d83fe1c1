//! Random places, references, sub-slices and aggregates.

use super::arguments::random_value;
use super::{Generator, SliceVariable, Variable};
use crate::expr::{BinaryOp, ExprId, Place};
use crate::func::LocalId;
use crate::intrinsic::Intrinsic;
use crate::stmt::Block;
use crate::ty::{ScalarTy, Ty};

/// A step from a place to a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(u32),
    /// An element of an array of this length.
    Element(u64),
    Deref,
}

/// The ways from a value of type `ty` to its parts of type `wanted`, through references too.
pub(super) fn parts_inside(ty: &Ty, wanted: &Ty) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let mut open = vec![(ty, Vec::new())];
    while let Some((part, steps)) = open.pop() {
        if part == wanted {
            found.push(steps.clone());
        }
        for (n, inner) in part.parts().enumerate() {
            let step = match part {
                Ty::Tuple(_) | Ty::Struct(_) => Step::Field(n as u32),
                Ty::Array { len, .. } if *len > 0 => Step::Element(*len),
                Ty::Ref { .. } => Step::Deref,
                _ => continue,
            };
            let mut steps = steps.clone();
            steps.push(step);
            open.push((inner, steps));
        }
    }
    found
}

impl Generator<'_> {
    /// All parts of variables of this type.
    pub(super) fn parts_of_ty(&self, ty: &Ty) -> Vec<(LocalId, Vec<Step>)> {
        let parts = self.variables.iter().flat_map(|variable| {
            let parts = parts_inside(&variable.ty, ty).into_iter();
            parts.map(|steps| (variable.local, steps))
        });
        parts.collect()
    }

    /// The place behind these steps.
    pub(super) fn place(&mut self, from: Place, steps: &[Step]) -> Place {
        let mut place = from;
        for step in steps {
            place = match step {
                Step::Field(field) => place.field(*field),
                Step::Deref => place.deref(),
                Step::Element(len) => self.element(place, *len),
            };
        }
        place
    }

    fn element(&mut self, place: Place, len: u64) -> Place {
        let usizes: Vec<_> = self
            .variables
            .iter()
            .filter(|variable| variable.ty == Ty::USIZE)
            .map(|variable| variable.local)
            .collect();
        if let Some(variable) = self.rng.pick(&usizes)
            && self.rng.one_in(2)
        {
            // `a[x % len]`, whose check is superfluous.
            let (x, len) = (self.b.load(variable), self.b.usize(len as usize));
            let index = self.b.binary(BinaryOp::Rem, x, len);
            return if self.rng.one_in(2) {
                self.b.index(place, index)
            } else {
                place.index(index, None)
            };
        }
        let beyond = u32::from(self.unguarded());
        let n = self.rng.below(len as u32 + beyond);
        let index = self.b.usize(n as usize);
        if u64::from(n) < len && self.rng.one_in(2) {
            place.index(index, None)
        } else {
            self.b.index(place, index)
        }
    }

    /// An array, a struct or a tuple: a copy of a part of a variable, or made of its parts.
    pub(super) fn generate_aggregate(&mut self, ty: &Ty) -> ExprId {
        let found = self.parts_of_ty(ty);
        if let Some((local, steps)) = self.rng.pick(&found)
            && !self.rng.one_in(3)
        {
            let place = self.place(Place::local(local), &steps);
            return self.b.load_place(place);
        }
        match ty {
            Ty::Array { elem, len } if *len > 0 && !self.rng.one_in(3) => {
                let elems = (0..*len).map(|_| self.generate_value(elem)).collect();
                self.b.array(elems)
            }
            Ty::Array { elem, len } => {
                let value = self.generate_value(elem);
                self.b.repeat(value, *len)
            }
            Ty::Struct(_) => {
                let fields: Vec<Ty> = ty.parts().cloned().collect();
                let values = fields.iter().map(|field| self.generate_value(field));
                let values = values.collect();
                self.b.struct_value(ty.clone(), values)
            }
            Ty::Tuple(elems) => {
                let values = elems.iter().map(|elem| self.generate_value(elem)).collect();
                self.b.tuple(values)
            }
            _ => self.b.tuple(Vec::new()),
        }
    }

    pub(super) fn generate_memory_params(&mut self) {
        if self.rng.one_in(3) {
            let elem = self.random_aggregate_ty();
            let mutable = self.rng.one_in(2);
            self.add_slice_param(elem, mutable);
        }
        for _ in 0..self.rng.below(3) {
            let to = self.random_aggregate_ty();
            let mutable = !self.rng.one_in(3);
            self.add_ref_param(to, mutable);
        }
    }

    pub(super) fn add_ref_param(&mut self, to: Ty, mutable: bool) {
        let to = Box::new(to);
        self.add_param(Ty::Ref { to, mutable });
    }

    pub(super) fn generate_memory_stmt(&mut self) {
        match self.rng.below(12) {
            0 => self.declare_table(),
            1 | 2 => self.declare_reference(),
            3 | 4 => self.declare_sub_slice(),
            5 => self.swap_slices(),
            6 | 7 => self.generate_call_stmt(),
            8 => self.declare_local(),
            _ => self.store_part(),
        }
    }

    /// A variable that refers to a constant table.
    fn declare_table(&mut self) {
        let ty = match self.rng.below(3) {
            0 => self.rng.pick(&self.structs).unwrap_or(Ty::BOOL),
            _ => Ty::Array {
                elem: Box::new(Ty::Scalar(self.random_scalar_ty())),
                len: 1 + u64::from(self.rng.below(6)),
            },
        };
        let Some(bytes) = random_value(&mut self.rng, &ty).to_bytes() else {
            return self.declare_local();
        };
        let table = self.b.add_table("random::TABLE", ty, bytes);
        let value = self.b.table(table);
        let ty = self.b.ty_of(value).clone();
        let name = self.fresh_name("t");
        let local = self.b.immutable_local(&name, ty.clone());
        self.b.assign(local, value);
        self.bind(local, ty, false);
    }

    /// Steps down into a variable, as far as chance has it: the type there, and whether it may be stored to.
    fn descend(&mut self, variable: &Variable) -> (Vec<Step>, Ty, bool) {
        let mut ty = variable.ty.clone();
        let mut mutable = variable.assignable;
        let mut steps = Vec::new();
        loop {
            let step = match &ty {
                Ty::Ref { mutable: inner, .. } => {
                    mutable = *inner;
                    Step::Deref
                }
                _ if self.rng.one_in(4) => break,
                Ty::Tuple(elems) => Step::Field(self.rng.below(elems.len() as u32)),
                Ty::Struct(ty) => Step::Field(self.rng.below(ty.fields.len() as u32)),
                Ty::Array { len, .. } if *len > 0 => Step::Element(*len),
                _ => break,
            };
            let part = match (&ty, step) {
                (ty, Step::Field(field)) => ty.field(field).cloned(),
                (ty, Step::Element(_)) => ty.element().cloned(),
                (Ty::Ref { to, .. }, Step::Deref) => Some((**to).clone()),
                (_, Step::Deref) => None,
            };
            let Some(part) = part else { break };
            steps.push(step);
            ty = part;
        }
        (steps, ty, mutable)
    }

    /// Stores to a part of a variable, or of what it points to.
    fn store_part(&mut self) {
        for _ in 0..4 {
            let Some(variable) = self.rng.pick(&self.variables) else {
                break;
            };
            let (steps, ty, mutable) = self.descend(&variable);
            if mutable {
                let value = self.generate_value(&ty);
                let place = self.place(Place::local(variable.local), &steps);
                return self.b.assign_place(place, value);
            }
        }
        self.declare_local();
    }

    /// A variable that refers to a part of another one, which stays usable.
    fn declare_reference(&mut self) {
        let Some(variable) = self.rng.pick(&self.variables) else {
            return self.declare_local();
        };
        let (steps, _, mutable) = self.descend(&variable);
        let mutable = mutable && !self.rng.one_in(4);
        let place = self.place(Place::local(variable.local), &steps);
        let value = self.b.borrow(place, mutable);
        let ty = self.b.ty_of(value).clone();
        let name = self.fresh_name("r");
        let local = self.b.immutable_local(&name, ty.clone());
        self.b.assign(local, value);
        self.variables.push(Variable {
            local,
            ty,
            assignable: false,
            indexes: None,
            root: variable.root,
        });
    }

    /// Slices and arrays: the place, the type of the elements, whether they may be stored to, and the root.
    pub(super) fn sequences(&self) -> Vec<(LocalId, Vec<Step>, Ty, bool, LocalId)> {
        let slices = self.slices.iter().map(|slice| {
            let SliceVariable {
                local,
                elem,
                mutable,
                root,
            } = slice.clone();
            (local, Vec::new(), elem, mutable, root)
        });
        let arrays = self.variables.iter().filter_map(|variable| {
            let (ty, steps, mutable) = match &variable.ty {
                Ty::Ref { to, mutable } => (&**to, vec![Step::Deref], *mutable),
                ty => (ty, Vec::new(), variable.assignable),
            };
            match ty {
                Ty::Array { elem, .. } => {
                    let elem = (**elem).clone();
                    Some((variable.local, steps, elem, mutable, variable.root))
                }
                _ => None,
            }
        });
        slices.chain(arrays).collect()
    }

    /// A part of a slice or array, mostly in bounds.
    pub(super) fn generate_sub_slice(&mut self, base: Place, mutable: bool) -> ExprId {
        let low = self.rng.below(4) as usize;
        let high = low + self.rng.below(5) as usize;
        let unguarded = self.unguarded();
        let mut bound = |n: usize| {
            let bound = self.b.usize(n);
            if unguarded {
                return bound;
            }
            let len = self.b.len_of(base.clone());
            self.b.call(Intrinsic::Min, vec![bound, len])
        };
        let (start, end) = (bound(low), bound(high));
        let (start, end) = match self.rng.below(4) {
            0 => (None, None),
            1 => (Some(start), None),
            2 => (None, Some(end)),
            _ => (Some(start), Some(end)),
        };
        self.b.sub_slice(base, start, end, mutable)
    }

    fn declare_sub_slice(&mut self) {
        let sequences = self.sequences();
        let Some((from, steps, elem, mutable, root)) = self.rng.pick(&sequences) else {
            return self.declare_local();
        };
        let mutable = mutable && !self.rng.one_in(4);
        let base = self.place(Place::local(from), &steps);
        let value = self.generate_sub_slice(base, mutable);
        let ty = self.b.ty_of(value).clone();
        let name = self.fresh_name("part");
        let local = self.b.immutable_local(&name, ty);
        self.b.assign(local, value);
        self.slices.push(SliceVariable {
            local,
            elem,
            mutable,
            root,
        });
    }

    /// Two slices that change places in a loop, which stores to the one that is first.
    fn swap_slices(&mut self) {
        let sequences = self.sequences();
        let mutable: Vec<_> = sequences.into_iter().filter(|(.., m, _)| *m).collect();
        let Some((first, first_steps, elem, ..)) = self.rng.pick(&mutable) else {
            return self.declare_local();
        };
        let fitting: Vec<_> = mutable
            .into_iter()
            .filter(|other| other.2 == elem)
            .collect();
        let Some((second, second_steps, ..)) = self.rng.pick(&fitting) else {
            return self.declare_local();
        };
        let mut names = Vec::new();
        for (local, steps) in [(first, first_steps), (second, second_steps)] {
            let base = self.place(Place::local(local), &steps);
            let value = self.b.sub_slice(base, None, None, true);
            let ty = self.b.ty_of(value).clone();
            let name = self.fresh_name("turn");
            let local = self.b.local(&name, ty);
            self.b.assign(local, value);
            names.push(local);
        }
        let [now, next] = names[..] else { return };
        let name = self.fresh_name("$turn");
        let ty = self.b.local_ty(now).clone();
        let spare = self.b.local(&name, ty);
        let name = self.fresh_name("i");
        let var = self.b.immutable_local(&name, Ty::USIZE);
        let trip_count = 1 + self.rng.below(4) as usize;
        let (zero, end) = (self.b.usize(0), self.b.usize(trip_count));
        let label = self.b.label();
        let step = self.b.usize(1);
        self.b.begin_block();
        let value = self.generate_value(&elem);
        let (len, index) = (self.b.len(now), self.b.load(var));
        let inside = self.b.binary(BinaryOp::Gt, len, index);
        self.b.begin_block();
        let index = self.b.load(var);
        self.b.store(now, index, value);
        let then = self.b.end_block();
        self.b.if_else(inside, then, Block::default());
        for (to, from) in [(spare, now), (now, next), (next, spare)] {
            let value = self.b.load(from);
            self.b.assign(to, value);
        }
        let body = self.b.end_block();
        self.b.stmt(crate::StmtKind::For(crate::Loop {
            label,
            var,
            start: zero,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: crate::LoopRequest::Auto,
            hints: crate::LoopHints::default(),
            body,
        }));
    }

    /// A local of this type for a call.
    pub(super) fn declare_value(&mut self, ty: &Ty) -> LocalId {
        let value = self.generate_value(ty);
        let name = self.fresh_name("$arg");
        let local = self.b.local(&name, ty.clone());
        self.b.assign(local, value);
        self.bind(local, ty.clone(), true);
        local
    }

    /// A scalar type whose arrays are easy to make.
    pub(super) fn array_of(&mut self, elem: &Ty) -> Ty {
        let elem = Box::new(elem.clone());
        let len = 1 + u64::from(self.rng.below(4));
        Ty::Array { elem, len }
    }

    /// The number of a call that is not too deep: see `calls.rs`.
    pub(super) fn u32_const(&mut self, value: u32) -> ExprId {
        self.b.int(ScalarTy::U32, value.into())
    }
}
