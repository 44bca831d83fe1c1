//! What is in scope, and what the borrow checker lets be done with it.

use super::Gen;
use super::types::{Int, LEN_N, Ty, USIZE};

/// What a variable is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A value of the type.
    Value,
    /// `&[T]`; the type is that of the elements, as for `SliceMut`.
    Slice,
    SliceMut,
    /// `&T`.
    Ref,
    RefMut,
    /// A closure with these parameters; the type is that of the result.
    Closure(Vec<Ty>),
}

/// What borrows of a variable that are still used leave possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lock {
    Free,
    /// Numbers in it may be assigned, and it may be read: an index of it is being computed.
    Numbers,
    /// It may be read.
    Shared,
    Locked,
}

/// What an index variable is known to be below.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Below {
    /// The length of a slice in scope.
    Len(String),
    Const(u64),
}

#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) kind: Kind,
    pub(crate) mutable: bool,
    pub(crate) lock: Lock,
    pub(crate) below: Vec<Below>,
    /// Whether this slice is known to have elements.
    pub(crate) nonempty: bool,
}

impl Var {
    pub(crate) fn new(name: &str, ty: Ty, kind: Kind) -> Self {
        Var {
            name: name.to_owned(),
            ty,
            kind,
            mutable: false,
            lock: Lock::Free,
            below: Vec::new(),
            nonempty: false,
        }
    }

    /// Whether it may be assigned, or what it refers to.
    fn is_writable(&self) -> bool {
        self.lock <= Lock::Numbers
            && match self.kind {
                Kind::Value => self.mutable,
                Kind::SliceMut | Kind::RefMut => true,
                _ => false,
            }
    }

    pub(crate) fn is_slice(&self) -> bool {
        matches!(self.kind, Kind::Slice | Kind::SliceMut)
    }
}

/// A step from a place to a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Field(String),
    /// An element of a slice, or of an array of so many.
    Index(Option<usize>),
}

/// A part of a variable.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) var: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) ty: Ty,
}

/// What a block has to restore at its end.
pub(crate) struct Mark {
    len: usize,
    locks: Vec<Lock>,
}

impl Gen<'_> {
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            len: self.scope.len(),
            locks: self.scope.iter().map(|var| var.lock).collect(),
        }
    }

    pub(crate) fn restore(&mut self, mark: &Mark) {
        self.scope.truncate(mark.len);
        for (var, lock) in self.scope.iter_mut().zip(&mark.locks) {
            var.lock = *lock;
        }
    }

    pub(crate) fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// Variables that no later one hides, by number.
    pub(crate) fn visible(&self) -> Vec<usize> {
        (0..self.scope.len())
            .filter(|&i| {
                let name = &self.scope[i].name;
                self.scope[i + 1..].iter().all(|later| later.name != *name)
            })
            .collect()
    }

    pub(crate) fn readable(&self) -> Vec<usize> {
        let mut vars = self.visible();
        vars.retain(|&i| self.scope[i].lock != Lock::Locked);
        vars
    }

    pub(crate) fn lock(&mut self, var: usize, lock: Lock) {
        let now = &mut self.scope[var].lock;
        *now = lock.max(*now);
    }

    /// Runs with a variable locked, as a borrow of it would.
    pub(crate) fn locked<R>(
        &mut self,
        var: usize,
        lock: Lock,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let before = self.scope[var].lock;
        self.lock(var, lock);
        let result = run(self);
        self.scope[var].lock = before;
        result
    }

    fn parts(&self, ty: &Ty, at: &mut Path, wanted: &dyn Fn(&Ty) -> bool, out: &mut Vec<Path>) {
        if wanted(ty) {
            out.push(Path {
                ty: ty.clone(),
                ..at.clone()
            });
        }
        if at.steps.len() > 3 {
            return;
        }
        let inner: Vec<(Step, Ty)> = match ty {
            Ty::Tuple(parts) => (parts.iter().enumerate())
                .map(|(i, part)| (Step::Field(i.to_string()), part.clone()))
                .collect(),
            Ty::Array(elem, n) if *n > 0 => vec![(Step::Index(Some(*n)), (**elem).clone())],
            Ty::Struct(i) => (self.items.structs[*i].iter())
                .map(|(name, ty)| (Step::Field(name.clone()), ty.clone()))
                .collect(),
            _ => Vec::new(),
        };
        for (step, ty) in inner {
            at.steps.push(step);
            self.parts(&ty, at, wanted, out);
            at.steps.pop();
        }
    }

    fn paths(&self, vars: &[usize], wanted: &dyn Fn(&Ty) -> bool) -> Vec<Path> {
        let mut out = Vec::new();
        for &i in vars {
            let var = &self.scope[i];
            let mut at = Path {
                var: i,
                steps: Vec::new(),
                ty: var.ty.clone(),
            };
            match var.kind {
                Kind::Value | Kind::Ref | Kind::RefMut => {}
                Kind::Slice | Kind::SliceMut => {
                    if !self.has_index(i) {
                        continue;
                    }
                    at.steps.push(Step::Index(None));
                }
                Kind::Closure(_) => continue,
            }
            self.parts(&var.ty, &mut at, wanted, &mut out);
        }
        out
    }

    /// Whether there is an index that is surely in bounds.
    pub(crate) fn has_index(&self, slice: usize) -> bool {
        self.scope[slice].nonempty || !self.indices_below(slice).is_empty()
    }

    fn indices_below(&self, slice: usize) -> Vec<String> {
        let below = Below::Len(self.scope[slice].name.clone());
        (self.readable().iter())
            .filter(|&&i| self.scope[i].below.contains(&below))
            .map(|&i| self.scope[i].name.clone())
            .collect()
    }

    /// A place that can be read, of a type.
    pub(crate) fn read(
        &mut self,
        wanted: &dyn Fn(&Ty) -> bool,
        depth: u32,
    ) -> Option<(String, Ty)> {
        let readable = self.readable();
        let mut paths = self.paths(&readable, wanted);
        // Newer variables more often, so that what was computed is used.
        if paths.len() > 4 && !self.rng.one_in(3) {
            let half = paths.len() / 2;
            paths.drain(..half);
        }
        let path = self.rng.choose(&paths)?;
        let ty = path.ty.clone();
        Some((self.render(&path, depth), ty))
    }

    /// A place that can be assigned, and the number of its variable.
    pub(crate) fn write(
        &mut self,
        wanted: &dyn Fn(&Ty) -> bool,
        depth: u32,
    ) -> Option<(String, Ty)> {
        let path = self.write_path(wanted)?;
        let ty = path.ty.clone();
        Some((self.render(&path, depth), ty))
    }

    pub(crate) fn write_path(&mut self, wanted: &dyn Fn(&Ty) -> bool) -> Option<Path> {
        let mut vars = self.visible();
        vars.retain(|&i| self.scope[i].is_writable());
        let mut paths = self.paths(&vars, wanted);
        paths.retain(|path| {
            let part = path.ty.is_scalar() && !path.steps.is_empty();
            part || self.scope[path.var].lock == Lock::Free
        });
        self.rng.choose(&paths)
    }

    pub(crate) fn render(&mut self, path: &Path, depth: u32) -> String {
        let var = self.scope[path.var].clone();
        if path.steps.is_empty() && matches!(var.kind, Kind::Ref | Kind::RefMut) {
            return format!("(*{})", var.name);
        }
        let mut text = var.name.clone();
        for step in &path.steps {
            match step {
                Step::Field(name) => text = format!("{text}.{name}"),
                Step::Index(Some(n)) => {
                    let index = self.locked(path.var, Lock::Numbers, |g| g.array_index(*n, depth));
                    text = format!("{text}[{index}]");
                }
                Step::Index(None) => {
                    let index =
                        self.locked(path.var, Lock::Numbers, |g| g.slice_index(path.var, depth));
                    text = format!("{text}[{index}]");
                }
            }
        }
        text
    }

    /// An index into an array of `n` elements, in bounds but once in a while.
    pub(crate) fn array_index(&mut self, n: usize, depth: u32) -> String {
        let known: Vec<String> = (self.readable().iter())
            .filter(|&&i| {
                (self.scope[i].below.iter()).any(|b| matches!(b, Below::Const(k) if *k <= n as u64))
            })
            .map(|&i| self.scope[i].name.clone())
            .collect();
        if !known.is_empty() && !self.rng.one_in(3) {
            let name = self.rng.choose(&known).unwrap_or_default();
            return name;
        }
        if n == LEN_N && depth == 0 {
            return self.rng.pick(&["0", "N - 1", "N / 2"]).to_owned();
        }
        if depth == 0 || n != LEN_N && self.rng.one_in(2) {
            return self.rng.below(n).to_string();
        }
        let e = self.int(USIZE, depth.min(2) - 1);
        if n == LEN_N {
            return format!("{e} % N");
        }
        if self.rng.one_in(40) {
            return e;
        }
        if n.is_power_of_two() && self.rng.one_in(2) {
            return format!("{e} & {}", n - 1);
        }
        format!("{e} % {n}")
    }

    /// An index into a slice, in bounds but once in a while.
    pub(crate) fn slice_index(&mut self, slice: usize, depth: u32) -> String {
        let name = self.scope[slice].name.clone();
        let known = self.indices_below(slice);
        if !known.is_empty() && !self.rng.one_in(5) {
            let i = self.rng.choose(&known).unwrap_or_default();
            if self.scope[slice].nonempty && self.rng.one_in(4) {
                let by = self.rng.below(4);
                return match self.rng.below(3) {
                    0 => format!("({i} + {by}) % {name}.len()"),
                    1 => format!("{i}.saturating_sub({by})"),
                    _ => format!("{name}.len() - 1 - {i}"),
                };
            }
            return i;
        }
        if self.rng.one_in(30) {
            return self.rng.below(3).to_string();
        }
        if !self.scope[slice].nonempty {
            return match self.rng.choose(&known) {
                Some(i) => i,
                None => "0".to_owned(),
            };
        }
        let e = match depth {
            0 => self.leaf_int(USIZE),
            _ => self.int(USIZE, depth.min(2) - 1),
        };
        match self.rng.below(8) {
            0 => format!("{e}.min({name}.len() - 1)"),
            1 => format!("{name}.len() - 1"),
            2 => "0".to_owned(),
            3 if self.rng.one_in(8) => e,
            _ => format!("{e} % {name}.len()"),
        }
    }

    /// The integer type that a variable has, if any.
    pub(crate) fn leaf_int(&mut self, int: Int) -> String {
        if !self.rng.one_in(4)
            && let Some((text, _)) = self.read(&|ty| *ty == Ty::Int(int), 0)
        {
            return text;
        }
        self.int_literal(int, true)
    }
}
