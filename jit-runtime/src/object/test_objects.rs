//! Objects for tests, made by LLVM: small functions in both architectures' code.

use inkwell::OptimizationLevel;
use inkwell::context::Context;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{
    CodeModel, FileType, RelocMode, Target, TargetMachine, TargetMachineOptions, TargetTriple,
};
use inkwell::{FloatPredicate, IntPredicate};

/// The triples that the loader knows.
pub(crate) const TRIPLES: [&str; 2] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

/// This machine's triple.
pub(crate) const NATIVE: &str = if cfg!(target_arch = "aarch64") {
    TRIPLES[1]
} else {
    TRIPLES[0]
};

/// An object with `double f(double *p, i64 n)`, the sum of `sin(p[i]) + table[i % 4]`, and `i64 count()`, which adds one
/// to a variable in `.data` and returns it; `f` calls the external `sin`, and `table` is a constant of its own.
pub(crate) fn sum_of_sines(triple: &str, reloc: RelocMode, model: CodeModel) -> Vec<u8> {
    crate::llvm::load().unwrap();
    let context = Context::create();
    let module = context.create_module("sum");
    let builder = context.create_builder();
    let (f64_ty, i64_ty) = (context.f64_type(), context.i64_type());
    let ptr_ty = context.ptr_type(Default::default());

    let sin = module.add_function("sin", f64_ty.fn_type(&[f64_ty.into()], false), None);
    let table = module.add_global(f64_ty.array_type(4), None, "table");
    table
        .set_initializer(&f64_ty.const_array(&[0.5, 1.5, 2.5, 3.5].map(|x| f64_ty.const_float(x))));
    table.set_constant(true);
    let counter = module.add_global(i64_ty, None, "counter");
    counter.set_initializer(&i64_ty.const_int(41, false));

    let func = module.add_function(
        "f",
        f64_ty.fn_type(&[ptr_ty.into(), i64_ty.into()], false),
        None,
    );
    let [entry, body, exit] =
        ["entry", "body", "exit"].map(|name| context.append_basic_block(func, name));
    let (p, n) = (
        func.get_nth_param(0).unwrap().into_pointer_value(),
        func.get_nth_param(1).unwrap().into_int_value(),
    );
    builder.position_at_end(entry);
    let any = builder
        .build_int_compare(IntPredicate::SGT, n, i64_ty.const_zero(), "any")
        .unwrap();
    builder.build_conditional_branch(any, body, exit).unwrap();
    builder.position_at_end(body);
    let i = builder.build_phi(i64_ty, "i").unwrap();
    let acc = builder.build_phi(f64_ty, "acc").unwrap();
    let index = i.as_basic_value().into_int_value();
    let four = i64_ty.const_int(4, false);
    let column = builder
        .build_int_unsigned_rem(index, four, "column")
        .unwrap();
    // SAFETY: building the address computation reads nothing; the callers pass `n` readable elements.
    let (at, entry_at) = unsafe {
        let at = builder
            .build_in_bounds_gep(f64_ty, p, &[index], "at")
            .unwrap();
        let table = table.as_pointer_value();
        (
            at,
            builder
                .build_in_bounds_gep(f64_ty, table, &[column], "entry_at")
                .unwrap(),
        )
    };
    let x = builder.build_load(f64_ty, at, "x").unwrap();
    let t = builder
        .build_load(f64_ty, entry_at, "t")
        .unwrap()
        .into_float_value();
    let s = builder
        .build_call(sin, &[x.into()], "s")
        .unwrap()
        .try_as_basic_value()
        .unwrap_basic()
        .into_float_value();
    let term = builder.build_float_add(s, t, "term").unwrap();
    let sum = builder
        .build_float_add(acc.as_basic_value().into_float_value(), term, "sum")
        .unwrap();
    let next = builder
        .build_int_nsw_add(index, i64_ty.const_int(1, false), "next")
        .unwrap();
    let done = builder
        .build_int_compare(IntPredicate::EQ, next, n, "done")
        .unwrap();
    builder.build_conditional_branch(done, exit, body).unwrap();
    i.add_incoming(&[(&i64_ty.const_zero(), entry), (&next, body)]);
    acc.add_incoming(&[(&f64_ty.const_zero(), entry), (&sum, body)]);
    builder.position_at_end(exit);
    let result = builder.build_phi(f64_ty, "result").unwrap();
    result.add_incoming(&[(&f64_ty.const_zero(), entry), (&sum, body)]);
    let result = result.as_basic_value().into_float_value();
    let nan = builder
        .build_float_compare(FloatPredicate::UNO, result, result, "nan")
        .unwrap();
    let result = builder
        .build_select(nan, f64_ty.const_float(-1.0), result, "or_minus_one")
        .unwrap();
    builder.build_return(Some(&result)).unwrap();

    let count = module.add_function("count", i64_ty.fn_type(&[], false), None);
    builder.position_at_end(context.append_basic_block(count, "entry"));
    let old = builder
        .build_load(i64_ty, counter.as_pointer_value(), "old")
        .unwrap()
        .into_int_value();
    let new = builder
        .build_int_add(old, i64_ty.const_int(1, false), "new")
        .unwrap();
    builder
        .build_store(counter.as_pointer_value(), new)
        .unwrap();
    builder.build_return(Some(&new)).unwrap();

    module.verify().unwrap();
    let triple = TargetTriple::create(triple);
    let options = TargetMachineOptions::new()
        .set_level(OptimizationLevel::Aggressive)
        .set_reloc_mode(reloc)
        .set_code_model(model);
    let machine: TargetMachine = Target::from_triple(&triple)
        .unwrap()
        .create_target_machine_from_options(&triple, options)
        .unwrap();
    module.set_triple(&triple);
    module.set_data_layout(&machine.get_target_data().get_data_layout());
    module
        .run_passes("default<O3>", &machine, PassBuilderOptions::create())
        .unwrap();
    machine
        .write_to_memory_buffer(&module, FileType::Object)
        .unwrap()
        .as_slice()
        .to_vec()
}
