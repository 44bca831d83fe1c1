//! What lowering asks of rustc: names whose meaning no macro can see.

use super::infer::{ITy, Inference};
use super::macro_flow::Leaves;
use super::state::Lowering;
use super::witnesses::Shared;
use crate::hir::Span;
use crate::instance::Extern;
use crate::ty::ScalarTy;

/// A name that lowering could not resolve while the crate was built. The expansion asks rustc about it, and the answer is the
/// [`crate::instance::Extern`] of the node.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternUse {
    /// The node of the name: of the path, or of the method's name. Of [`ExternKind::Shared`] its number.
    pub node: u32,
    /// What it is to be.
    pub kind: ExternKind,
}

/// What a name is to be, by where it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ExternKind {
    /// No name: what [`Witness::Shared`] of this number means. These come before all others, and each before those that it is a part of.
    Shared(Witness),
    /// A type.
    Type,
    /// The type of what a struct literal or a call of a constructor makes, whose arguments of generic parameters rustc infers; and the type that is expected
    /// where it stands, if that is known.
    Made(Made, Option<Witness>),
    /// A constant, a static, a variant without fields; and the type that is expected where it stands, if that is the only thing that tells it.
    Const(Option<Witness>),
    /// `std::cmp::Ordering`, or a value of it, which it was taken for.
    Ordering,
    /// A jitted function that is called with arguments of these types.
    Callee {
        /// The arguments.
        args: Vec<Witness>,
        /// The type of the result, where the place of the call tells it.
        result: Option<Witness>,
    },
    /// A method.
    Method {
        /// The type of the receiver.
        receiver: Witness,
        /// The other arguments.
        args: Vec<Witness>,
    },
    /// A function of a number's type that has no twin: it is called through a trampoline.
    Outside {
        /// The arguments; of a method, the receiver first.
        args: Vec<Witness>,
    },
    /// A method or a function of a number that lowering takes for an operator's or a comparison's of std.
    Meant {
        /// The arguments; of a method, the receiver first.
        args: Vec<Witness>,
    },
    /// `into()` of a value of this type, where this one is expected. The conversion may be the user's.
    Into {
        /// The receiver.
        receiver: Witness,
        /// What it becomes, if that is known.
        result: Option<Witness>,
    },
    /// A method of std that borrows its receiver: one that takes it by value would come before it.
    Borrows {
        /// The receiver.
        receiver: Witness,
        /// How many other arguments there are.
        n_args: usize,
    },
    /// A macro that only rustc knows, called through a trampoline.
    Macro {
        /// The nodes of the variables that it names.
        names: Vec<u32>,
        /// Their types.
        args: Vec<Witness>,
        /// Whether it is a statement, which may declare variables.
        is_statement: bool,
        /// How it may leave the function.
        leaves: Leaves,
        /// The nodes of the variables that it declares, which are what it gives.
        declared: Vec<u32>,
    },
    /// `cfg!(..)`.
    Cfg,
    /// What a function of std without arguments returns, the same each time.
    Value,
    /// A jitted function that is no call but a value.
    Function,
    /// A function that is called through a trampoline.
    Host,
    /// A macro that prints.
    Print,
    /// A method of std that is called through a trampoline as it is written.
    Std {
        /// The type of the receiver: a slice, or a reference to what only rustc knows.
        receiver: Witness,
        /// The types of the arguments; `None` for functions, which stay where they are.
        args: Vec<Option<Witness>>,
        /// The variables that closures among the arguments name.
        captures: Vec<CaptureUse>,
    },
}

/// A struct literal or a call of a constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The fields that are given, by their names or numbers.
    pub fields: Vec<(String, Witness)>,
    /// What the other fields are taken from.
    pub base: Option<Box<Witness>>,
    /// Whether it is a call.
    pub is_call: bool,
}

/// A variable that a closure names, which is called by rustc's code.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptureUse {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Witness,
    /// Whether the closure changes it: then it is passed by `&mut`.
    pub changed: bool,
}

/// A type as far as lowering knows it, for an expression that is never run and whose type is meant. `node` is that of the name whose meaning
/// the type depends on.
#[derive(Clone, Debug, PartialEq)]
pub enum Witness {
    /// A scalar.
    Scalar(ScalarTy),
    /// `char`.
    Char,
    /// A type parameter.
    Param(u32),
    /// `()`.
    Unit,
    /// A tuple.
    Tuple(Vec<Witness>),
    /// An array, and its length if that can be told.
    Array(Box<Witness>, Option<ArrayLen>),
    /// `&[T]` or `&mut [T]`.
    Slice {
        /// `T`.
        elem: Box<Witness>,
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// `&T` or `&mut T`.
    Ref {
        /// `T`.
        to: Box<Witness>,
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// `Option<T>`.
    Option(Box<Witness>),
    /// `Result<T, E>`.
    Result(Box<Witness>, Box<Witness>),
    /// `std::cmp::Ordering`.
    Ordering,
    /// The type that a path names.
    Adt(u32),
    /// What a struct literal or a call of a constructor makes, by the node of its path.
    Made(u32, Made),
    /// The type of the constant that a path names.
    Const(u32),
    /// What a call returns: of the function that a path names, with these arguments.
    Call(u32, Vec<Witness>),
    /// What a method returns: its name's node, the receiver, the other arguments.
    Method(u32, Box<Witness>, Vec<Witness>),
    /// What an operator gives: its token's node, the left operand, the right one if there is one.
    Operator(u32, Box<Witness>, Vec<Witness>),
    /// What a macro gives: its path's node, the nodes of the variables that it names, their types.
    Macro(u32, Vec<u32>, Vec<Witness>),
    /// The type of a field.
    Field(Box<Witness>, String),
    /// The type of a field that a pattern finds: of what, the node of the pattern's path, the field's name or number.
    Payload(Box<Witness>, u32, String),
    /// What an index leads to: of what, and the index.
    Index(Box<Witness>, Box<Witness>),
    /// Any integer: a literal without suffix.
    Int,
    /// Any float: a literal without suffix.
    Float,
    /// What a call returns that stands in another one, or in an operator, where [`Witness::Hole`] is.
    Within(Box<Witness>, Box<Witness>),
    /// See [`Witness::Within`].
    Hole,
    /// A closure, by the number of its parameters, and what it gives.
    Closure(usize, Box<Witness>),
    /// An iterator, by how it is made and by its items; of slices, by the elements.
    Iter(IterMade, Box<Witness>),
    /// What several witnesses have in common, deep inside: the [`ExternKind::Shared`] of this number.
    Shared(u32),
    /// Nothing is known; rustc is to infer it.
    Unknown,
}

impl Witness {
    /// Whether a part of the type is rustc's to infer.
    pub fn is_open(&self) -> bool {
        match self {
            Witness::Unknown | Witness::Closure(..) => true,
            Witness::Within(call, outer) => call.is_open() || outer.is_open(),
            Witness::Tuple(elems) => elems.iter().any(Witness::is_open),
            Witness::Array(inner, _) | Witness::Option(inner) | Witness::Iter(_, inner) => {
                inner.is_open()
            }
            Witness::Slice { elem: inner, .. } | Witness::Ref { to: inner, .. } => inner.is_open(),
            Witness::Result(ok, err) => ok.is_open() || err.is_open(),
            Witness::Field(of, _)
            | Witness::Payload(of, ..)
            | Witness::Index(of, _)
            | Witness::Method(_, of, _) => of.is_open(),
            Witness::Operator(_, left, right) => {
                left.is_open() || right.iter().any(Witness::is_open)
            }
            Witness::Scalar(_)
            | Witness::Char
            | Witness::Param(_)
            | Witness::Unit
            | Witness::Ordering
            | Witness::Adt(_)
            | Witness::Made(..)
            | Witness::Const(_)
            | Witness::Call(..)
            | Witness::Macro(..)
            | Witness::Shared(_)
            | Witness::Hole
            | Witness::Int
            | Witness::Float => false,
        }
    }
}

/// The length of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrayLen {
    /// A number.
    Known(u64),
    /// A const parameter of the function, by its name.
    Param(String),
}

/// How an iterator is made, as far as its type can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IterMade {
    /// `iter()` of a slice.
    Elements,
    /// `iter_mut()` of a slice.
    ElementsMut,
    /// `iter().copied()` of a slice.
    Copied,
    /// `a..b`.
    Range,
    /// `a..=b`.
    RangeInclusive,
    /// `a..`.
    RangeFrom,
    /// In any other way: its type has no name.
    Other,
}

/// As [`Made`], with types that are still open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MadeOf {
    pub(super) fields: Vec<(String, ITy)>,
    pub(super) base: Option<ITy>,
    pub(super) is_call: bool,
}

impl MadeOf {
    pub(super) fn witness(&self, mut witness: impl FnMut(&ITy) -> Witness) -> Made {
        Made {
            fields: (self.fields.iter())
                .map(|(name, ty)| (name.clone(), witness(ty)))
                .collect(),
            base: self.base.as_ref().map(|base| Box::new(witness(base))),
            is_call: self.is_call,
        }
    }
}

/// A question to rustc in which types are still open.
pub(super) enum Question {
    Type,
    Made {
        made: MadeOf,
        result: ITy,
    },
    Const {
        result: ITy,
    },
    Ordering,
    Callee {
        args: Vec<ITy>,
        result: ITy,
    },
    Method {
        receiver: ITy,
        args: Vec<ITy>,
    },
    Outside {
        args: Vec<ITy>,
    },
    Meant {
        args: Vec<ITy>,
    },
    Into {
        receiver: ITy,
        result: ITy,
    },
    Borrows {
        receiver: ITy,
        n_args: usize,
    },
    Macro {
        names: Vec<Span>,
        args: Vec<ITy>,
        is_statement: bool,
        leaves: Leaves,
        declared: Vec<Span>,
    },
    Cfg,
    Value,
    Function,
    Host,
    Print,
    Std {
        receiver: ITy,
        args: Vec<Option<ITy>>,
        /// Name, type, whether it is changed.
        captures: Vec<(String, ITy, bool)>,
    },
}

/// How much is told of the types of arguments.
pub(super) const WITNESS_DEPTH: usize = 12;

impl Lowering<'_> {
    /// What a name means. `None` while the crate is built: then the question is noted for rustc.
    pub(super) fn ask(&mut self, node: Span, question: Question) -> Option<Extern> {
        match self.current.context {
            Some(context) => context.instance().externs.get(&node.0).cloned(),
            None => {
                self.questions.push((node, question));
                None
            }
        }
    }
}

/// The questions to rustc, with the types as far as they are known.
pub(super) fn extern_uses(
    infer: &mut Inference,
    questions: Vec<(Span, Question)>,
) -> Vec<ExternUse> {
    infer.shared = Some(Shared::default());
    let uses: Vec<_> = (questions.into_iter())
        .map(|(node, question)| {
            let mut witness = |ty: &ITy| infer.witness(ty, WITNESS_DEPTH);
            let kind = match question {
                Question::Type => ExternKind::Type,
                Question::Made { made, result } => {
                    let made = made.witness(&mut witness);
                    ExternKind::Made(made, infer.expected_witness(&result, WITNESS_DEPTH))
                }
                Question::Const { result } => {
                    ExternKind::Const(infer.expected_witness(&result, WITNESS_DEPTH))
                }
                Question::Ordering => ExternKind::Ordering,
                Question::Callee { args, result } => ExternKind::Callee {
                    args: args.iter().map(witness).collect(),
                    result: infer.expected_witness(&result, WITNESS_DEPTH),
                },
                Question::Method { receiver, args } => ExternKind::Method {
                    receiver: witness(&receiver),
                    args: args.iter().map(witness).collect(),
                },
                Question::Outside { args } => ExternKind::Outside {
                    args: args.iter().map(witness).collect(),
                },
                Question::Meant { args } => ExternKind::Meant {
                    args: args.iter().map(witness).collect(),
                },
                Question::Into { receiver, result } => {
                    // Of what is open or a number, nothing is asked: asking leaves a type to rustc.
                    let is_asked = !matches!(
                        (infer.shallow(&receiver), infer.shallow(&result)),
                        (_, ITy::Var(_))
                            | (
                                ITy::Scalar(_) | ITy::Var(_),
                                ITy::Scalar(_) | ITy::Param(_) | ITy::Char
                            )
                    );
                    let itself = |witness: &Witness| matches!(witness, Witness::Call(call, _) if *call == node.0);
                    let result = match infer.expected_witness(&result, WITNESS_DEPTH) {
                        Some(expected) => Some(expected),
                        None if is_asked => Some(infer.witness(&result, WITNESS_DEPTH)),
                        None => None,
                    };
                    ExternKind::Into {
                        receiver: match is_asked {
                            true => infer.witness(&receiver, WITNESS_DEPTH),
                            false => Witness::Unknown,
                        },
                        result: result.filter(|result| !itself(result)),
                    }
                }
                Question::Borrows { receiver, n_args } => ExternKind::Borrows {
                    receiver: witness(&receiver),
                    n_args,
                },
                Question::Macro {
                    names,
                    args,
                    is_statement,
                    leaves,
                    declared,
                } => ExternKind::Macro {
                    names: names.iter().map(|name| name.0).collect(),
                    args: args.iter().map(witness).collect(),
                    is_statement,
                    leaves,
                    declared: declared.iter().map(|name| name.0).collect(),
                },
                Question::Cfg => ExternKind::Cfg,
                Question::Value => ExternKind::Value,
                Question::Function => ExternKind::Function,
                Question::Host => ExternKind::Host,
                Question::Print => ExternKind::Print,
                Question::Std {
                    receiver,
                    args,
                    captures,
                } => ExternKind::Std {
                    receiver: witness(&receiver),
                    args: (args.iter())
                        .map(|arg| arg.as_ref().map(&mut witness))
                        .collect(),
                    captures: (captures.into_iter())
                        .map(|(name, ty, changed)| CaptureUse {
                            name,
                            ty: witness(&ty),
                            changed,
                        })
                        .collect(),
                },
            };
            ExternUse { node: node.0, kind }
        })
        .collect();
    let shared = infer.shared.take().unwrap_or_default();
    let shared = (shared.known.into_iter()).map(|(node, witness)| ExternUse {
        node,
        kind: ExternKind::Shared(witness),
    });
    shared.chain(uses).collect()
}
