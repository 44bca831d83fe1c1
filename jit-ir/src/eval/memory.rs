//! Memory: objects, what points into them, and places.

use super::value::Reference;
use super::{Argument, EvalError, Evaluator, Scalar, Stop, Value, unsupported};
use crate::expr::{ExprId, Place, Projection};
use crate::func::{Function, LocalId};
use crate::ty::Ty;

use super::expr::usize_scalar;

/// Where a value is: the way from an object to a part of it.
pub(super) struct Pointer {
    pub(super) object: usize,
    pub(super) path: Vec<u64>,
}

/// Where the elements of an array or a slice are.
pub(super) struct Sequence {
    pub(super) object: usize,
    /// The way to the array that contains them.
    pub(super) path: Vec<u64>,
    /// The first element, and how many there are.
    pub(super) start: u64,
    pub(super) len: u64,
}

impl<'a> Evaluator<'a> {
    /// Makes an object of each constant table.
    pub(super) fn add_tables(&mut self) -> Result<(), EvalError> {
        for func in self.functions {
            self.tables.push(self.objects.len());
            for table in &func.tables {
                let value = Value::from_bytes(&table.ty, &table.bytes);
                let value = value.ok_or_else(|| unsupported("a table of another size"))?;
                self.objects.push(Some(value));
            }
        }
        Ok(())
    }

    /// Makes an object of what each argument points to; returns the values of the parameters.
    pub(super) fn lend_arguments(&mut self, func: &Function, args: &mut [Argument]) -> Vec<Value> {
        let mut values = Vec::with_capacity(args.len());
        for (&param, arg) in func.params.iter().zip(args) {
            let ty = func.locals[param].ty.clone();
            let (value, len) = match arg {
                Argument::Scalar(value) => {
                    values.push(value.clone());
                    continue;
                }
                Argument::Slice(elems) => {
                    let elem = ty.element().cloned().unwrap_or(Ty::Unit);
                    let len = elems.len() as u64;
                    let values = std::mem::take(elems);
                    (Value::Array { elem, values }, len)
                }
                Argument::Ref(value) => (std::mem::replace(value, Value::Unit), 0),
            };
            values.push(Value::Ref(Box::new(Reference {
                ty,
                object: self.objects.len(),
                path: Vec::new(),
                start: 0,
                len,
            })));
            self.objects.push(Some(value));
        }
        values
    }

    /// Moves the objects back into the arguments.
    pub(super) fn give_back_arguments(&mut self, first: usize, args: &mut [Argument]) {
        let mut objects = self.objects.drain(first..).flatten();
        for arg in args {
            match arg {
                Argument::Scalar(_) => {}
                Argument::Slice(elems) => {
                    if let Some(Value::Array { values, .. }) = objects.next() {
                        *elems = values;
                    }
                }
                Argument::Ref(value) => *value = objects.next().unwrap_or(Value::Unit),
            }
        }
    }

    pub(super) fn local(&self, local: LocalId) -> Pointer {
        Pointer {
            object: self.frame.base + local.index(),
            path: Vec::new(),
        }
    }

    fn read(&mut self, pointer: &Pointer) -> Result<&Value, Stop> {
        if let Some(watch) = &mut self.watch {
            watch.note(pointer.object, &pointer.path, false);
        }
        let object = self.objects.get(pointer.object);
        let object = object.ok_or_else(|| unsupported("a reference to what is gone"))?;
        let Some(mut value) = object.as_ref() else {
            return Err(self.read_before_init(pointer.object));
        };
        for &step in &pointer.path {
            let part = value.parts().and_then(|parts| parts.get(step as usize));
            value = part.ok_or_else(|| unsupported("a place that does not exist"))?;
        }
        Ok(value)
    }

    pub(super) fn write(&mut self, pointer: &Pointer, value: Value) -> Result<(), Stop> {
        if let Some(watch) = &mut self.watch {
            watch.note(pointer.object, &pointer.path, true);
        }
        let object = self.objects.get_mut(pointer.object);
        let object = object.ok_or_else(|| unsupported("a reference to what is gone"))?;
        if pointer.path.is_empty() {
            *object = Some(value);
            return Ok(());
        }
        let Some(mut to) = object.as_mut() else {
            return Err(self.read_before_init(pointer.object));
        };
        for &step in &pointer.path {
            let part = to
                .parts_mut()
                .and_then(|parts| parts.get_mut(step as usize));
            to = part.ok_or_else(|| unsupported("a place that does not exist"))?;
        }
        *to = value;
        Ok(())
    }

    fn read_before_init(&self, object: usize) -> Stop {
        let local = object.checked_sub(self.frame.base).map(LocalId::from_index);
        match local.and_then(|local| self.frame.func.locals.get(local)) {
            Some(local) => Stop::Error(EvalError::ReadBeforeInit {
                name: local.name.clone(),
                span: local.span,
            }),
            None => unsupported("a reference to what was not assigned").into(),
        }
    }

    fn read_reference(&mut self, pointer: &Pointer) -> Result<Reference, Stop> {
        match self.read(pointer)? {
            Value::Ref(reference) => Ok((**reference).clone()),
            _ => Err(unsupported("not a reference").into()),
        }
    }

    /// Evaluates and checks the indices of a place, in order.
    pub(super) fn resolve(&mut self, place: &Place) -> Result<Pointer, Stop> {
        Ok(self.resolve_typed(place)?.0)
    }

    fn resolve_typed(&mut self, place: &Place) -> Result<(Pointer, &'a Ty), Stop> {
        let func = self.frame.func;
        let mut pointer = self.local(place.local);
        let mut ty = &func.locals[place.local].ty;
        for projection in &place.projections {
            let part = match (projection, ty) {
                (Projection::Index { index, site }, _) => {
                    let index = self.eval_scalar(*index)?;
                    let Sequence {
                        object,
                        mut path,
                        start,
                        len,
                    } = self.sequence_at(pointer, ty)?;
                    if index.bits >= u128::from(len) {
                        return Err(self.trap(*site, &[index, usize_scalar(len)]));
                    }
                    path.push(start.wrapping_add(index.bits as u64));
                    pointer = Pointer { object, path };
                    ty.element()
                }
                (Projection::Field(field), _) => {
                    pointer.path.push(u64::from(*field));
                    ty.field(*field)
                }
                (Projection::Deref, Ty::Ref { to, .. }) => {
                    let Reference { object, path, .. } = self.read_reference(&pointer)?;
                    pointer = Pointer { object, path };
                    Some(&**to)
                }
                (Projection::Deref, _) => None,
            };
            ty = part.ok_or_else(|| unsupported("a place that does not exist"))?;
        }
        Ok((pointer, ty))
    }

    fn sequence_at(&mut self, pointer: Pointer, ty: &Ty) -> Result<Sequence, Stop> {
        match ty {
            Ty::Array { len, .. } => Ok(Sequence {
                object: pointer.object,
                path: pointer.path,
                start: 0,
                len: *len,
            }),
            _ => {
                let Reference {
                    object,
                    path,
                    start,
                    len,
                    ..
                } = self.read_reference(&pointer)?;
                Ok(Sequence {
                    object,
                    path,
                    start,
                    len,
                })
            }
        }
    }

    /// The elements of the array or slice at a place.
    pub(super) fn sequence(&mut self, place: &Place) -> Result<Sequence, Stop> {
        let (pointer, ty) = self.resolve_typed(place)?;
        self.sequence_at(pointer, ty)
    }

    pub(super) fn load(&mut self, place: &Place) -> Result<Value, Stop> {
        let pointer = self.resolve(place)?;
        Ok(self.read(&pointer)?.clone())
    }

    pub(super) fn store(&mut self, place: &Place, value: Value) -> Result<(), Stop> {
        let pointer = self.resolve(place)?;
        self.write(&pointer, value)
    }

    pub(super) fn table(&self, id: ExprId, table: usize) -> Result<Value, Stop> {
        let first = self.tables.get(self.frame.function);
        let first = first.ok_or_else(|| unsupported("no such table"))?;
        Ok(Value::Ref(Box::new(Reference {
            ty: self.frame.func.exprs[id].ty.clone(),
            object: first + table,
            path: Vec::new(),
            start: 0,
            len: 0,
        })))
    }

    /// Fuel for a value of this type: one for each part.
    pub(super) fn burn_value(&mut self, ty: &Ty) -> Result<(), Stop> {
        fn parts(ty: &Ty) -> u64 {
            match ty {
                Ty::Array { elem, len } => parts(elem).saturating_mul(*len).saturating_add(1),
                Ty::Ref { .. } | Ty::Slice { .. } => 1,
                _ => ty.parts().map(parts).fold(1, u64::saturating_add),
            }
        }
        let fuel = self.fuel.checked_sub(parts(ty));
        self.fuel = fuel.ok_or(EvalError::OutOfFuel)?;
        Ok(())
    }
}

/// The value of a type whose bits are 0. References point nowhere.
pub(super) fn zeroed(ty: &Ty) -> Value {
    match ty {
        Ty::Unit | Ty::Param(_) => Value::Unit,
        Ty::Scalar(scalar) => Value::Scalar(Scalar::from_bits(*scalar, 0)),
        Ty::Tuple(elems) => Value::Tuple(elems.iter().map(zeroed).collect()),
        Ty::Array { elem, len } => Value::Array {
            elem: (**elem).clone(),
            values: vec![zeroed(elem); *len as usize],
        },
        Ty::Struct(ty) => Value::Struct {
            ty: ty.clone(),
            fields: ty.fields.iter().map(|field| zeroed(&field.ty)).collect(),
        },
        Ty::Ref { .. } | Ty::Slice { .. } => Value::Ref(Box::new(Reference {
            ty: ty.clone(),
            object: usize::MAX,
            path: Vec::new(),
            start: 0,
            len: 0,
        })),
    }
}
