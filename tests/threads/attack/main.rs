//! Loops that are easily taken for independent, compiled and run on threads: what they compute, store and panic with is what rustc's body does, on any number
//! of threads. Whether a loop runs in parallel is said of each, so that none is compared with itself.

// Loops as their users write them.
#![allow(
    clippy::assign_op_pattern,
    clippy::explicit_counter_loop,
    clippy::manual_memcpy,
    clippy::manual_swap,
    clippy::needless_range_loop,
    clippy::mut_range_bound,
    clippy::nonminimal_bool
)]

mod asked;
mod functions;
mod harness;
mod reports;
mod same_bits;
mod structs;

use self::functions::*;
use self::harness::attack;

#[test]
fn elements_that_meet() {
    attack!(serial mirrored(a: &mut [u64]));
    attack!(outer mirrored_half(a: &mut [u64]));
    attack!(outer mirrored_beyond_the_half(k: usize, a: &mut [u64]));
    attack!(outer shifted_by_a_number(n: usize, k: usize, a: &mut [u64]));
    attack!(outer behind_the_trips(n: usize, a: &mut [u64]));
    attack!(serial neighbours_by_parity(a: &mut [u64]));
    attack!(outer pairs(a: &mut [u64]));
    attack!(serial pairs_that_overlap(a: &mut [u64]));
    attack!(serial partners(a: &mut [u64]));
    attack!(serial halved(a: &mut [u64]));
    attack!(serial masked(a: &mut [u64]));
    attack!(serial clamped(k: usize, a: &mut [u64]));
    attack!(serial at_least(k: usize, a: &mut [u64]));
    attack!(serial at_a_distance(k: usize, a: &mut [u64]));
}

#[test]
fn strides() {
    attack!(outer by_a_stride(n: usize, s: usize, a: &mut [u64]));
    attack!(outer by_a_signed_stride(n: usize, base: isize, s: isize, a: &mut [u64]));
    attack!(outer two_strides(n: usize, s: usize, t: usize, a: &mut [u64]));
    attack!(outer by_a_wrapping_stride(n: usize, s: usize, a: &mut [u64]));
    attack!(outer wrapped_below(k: usize, a: &mut [u64]));
    attack!(outer wrapped_squares(n: usize, a: &mut [u64]));
    attack!(outer truncated(n: usize, a: &mut [u64]));
    attack!(serial small_counter(a: &mut [u64]));
    attack!(outer signed_counter(k: i64, a: &mut [u64]));
    attack!(outer signed_counter_and_offset(k: i64, a: &mut [u64]));
    attack!(serial steps_that_overlap(s: usize, a: &mut [u64]));
    attack!(outer steps_from_the_end(s: usize, a: &mut [u64]));
    attack!(outer to_the_greatest_number(k: usize, a: &mut [u64]));
}

#[test]
fn names() {
    attack!(serial shadowed_and_halved(a: &mut [u64]));
    attack!(outer shadowed_and_turned(a: &mut [u64]));
    attack!(inner shadowed_by_a_loop(n: usize, m: usize, a: &mut [u64]));
    attack!(serial changed_copy_of_the_counter(a: &mut [u64]));
    attack!(serial sieve(k: usize, a: &mut [u64]));
    attack!(serial kept_by_an_empty_loop(m: usize, x: &[u64], y: &mut [u64]));
    attack!(serial kept_under_a_condition(x: &[u64], y: &mut [u64]));
    attack!(serial kept_by_a_break(x: &[u64], y: &mut [u64]));
    attack!(serial last_one_that_counts(x: &[u64]));
    attack!(serial ring_of_four(x: &[u64], y: &mut [u64]));
    attack!(outer array_of_an_iteration(x: &[u64], y: &mut [u64]));
    attack!(inner array_filled_in_part(x: &[u64], y: &mut [u64]));
    attack!(inner array_filled_but_for_one(x: &[u64], y: &mut [u64]));
    attack!(serial array_filled_from_itself(x: &[u64], y: &mut [u64]));
    attack!(serial array_filled_until_it_is_left(x: &[u64], y: &mut [u64]));
    attack!(inner array_used_behind_the_loop(x: &[u64], y: &mut [u64]));
    attack!(outer array_filled_and_made_anew(x: &[u64], y: &mut [u64]));
    attack!(outer array_made_anew(x: &[u64], y: &mut [u64]));
}

#[test]
fn accumulators() {
    attack!(serial running_sum(x: &[u64], y: &mut [u64]));
    attack!(serial sum_that_is_looked_at(x: &[u64]));
    attack!(serial sums_of_each_other(x: &[u64]));
    attack!(serial sum_and_product(x: &[u64]));
    attack!(serial sum_from_the_right(x: &[u64]));
    attack!(inner sum_as_a_bound(x: &[u64], y: &mut [u64]));
    attack!(outer fields_of_a_tuple(x: &[u64]));
    attack!(serial fields_that_change_places(x: &[u64]));
    attack!(outer fields_of_tuples_in_tuples(x: &[u64]));
    attack!(outer elements_of_a_short_array(x: &[u64]));
    attack!(outer first_of_the_least(x: &[u64]));
    attack!(serial last_of_the_least(x: &[u64]));
    attack!(outer least_from_the_end(x: &[u64]));
    attack!(serial place_that_moves_on(x: &[u64]));
    attack!(outer least_float(x: &[f64]));
    attack!(outer first_of_the_least_floats(odd: &[f64]));
    attack!(outer greatest_float_from_the_first(odd: &[f64]));
    attack!(outer last_of_the_least_floats(odd: &[f64]));
    attack!(serial what_is_not_at_least(odd: &[f64]));
    attack!(serial kept_where_less(odd: &[f64]));
    attack!(serial least_and_greatest(odd: &[f64]));
    attack!(outer stored_floats(odd: &[f64], out: &mut [f64]));
    attack!(serial strict_sum(x: &[f64]));
    attack!(outer all_and_any(k: u64, x: &[u64]));
    attack!(outer all_with_an_index(p: &[usize], x: &[u64]));
    attack!(outer sum_that_may_overflow(x: &[u64]));
    attack!(serial difference_that_may_overflow(x: &[u64]));
    attack!(outer sum_of_the_caller(x: &[u64], sum: &mut u64));
    attack!(serial sum_of_the_caller_until_a_panic(p: &[usize], x: &[u64], sum: &mut u64));
    attack!(serial sum_of_the_caller_that_is_read(x: &[u64], y: &mut [u64], sum: &mut u64));
}

#[test]
fn ways_out() {
    attack!(serial until_a_zero(x: &[u64], y: &mut [u64]));
    attack!(serial returned(x: &[u64], y: &mut [u64]));
    attack!(outer left_inside(n: usize, x: &[u64], y: &mut [u64]));
    attack!(outer divided(x: &[u64], y: &mut [u64]));
    attack!(outer asserted(x: &[u64], y: &mut [u64]));
    attack!(outer gathered(p: &[usize], x: &[u64], y: &mut [u64]));
}

#[test]
fn indices_that_are_data() {
    attack!(serial scattered(p: &[usize], y: &mut [u64]));
    attack!(serial scattered_twice(p: &[usize], y: &mut [u64]));
    attack!(serial places_that_change(p: &mut [usize], y: &mut [u64]));
    attack!(serial counted_and_read(p: &[usize], y: &mut [u64]));
    attack!(outer counted(p: &[usize]));
    attack!(outer sums_of_columns(x: &[u64]));
    attack!(serial sums_of_columns_that_are_read(x: &[u64]));
    attack!(outer least_of_each(p: &[usize], x: &[f64], depths: &mut [f64]));
    attack!(serial greatest_of_each_beyond_the_end(p: &[usize], y: &mut [u64]));
    attack!(outer less_each_time(p: &[usize]));
    attack!(serial turned_each_time(p: &[usize]));
    attack!(serial counted_by_two_operators(p: &[usize], y: &mut [u64]));
}

#[test]
fn rows() {
    attack!(outer rows_of_unknown_length(n: usize, m: usize, s: usize, a: &mut [u64]));
    attack!(inner rows_with_bounds_from_data(n: usize, p: &[usize], a: &mut [u64]));
    attack!(inner rows_of_a_sparse_matrix(p: &[usize], a: &mut [u64]));
    attack!(inner packed_triangle(n: usize, a: &mut [u64]));
    attack!(inner packed_triangle_and_one_more(n: usize, a: &mut [u64]));
    attack!(serial across(n: usize, m: usize, a: &mut [u64]));
    attack!(outer transposed_in_place(n: usize, a: &mut [u64]));
    attack!(inner transposed_too_often(n: usize, a: &mut [u64]));
    attack!(outer cubes(n: usize, m: usize, k: usize, a: &mut [u64]));
    attack!(outer cubes_the_wrong_way(n: usize, m: usize, k: usize, a: &mut [u64]));
    attack!(outer rows_from_the_greater_start(n: usize, k: usize, a: &mut [u64]));
    attack!(inner rows_from_the_lesser_start(n: usize, k: usize, a: &mut [u64]));
    attack!(outer parts_that_overlap(n: usize, m: usize, k: usize, a: &mut [u64]));
    attack!(serial parts_up_to_the_end(m: usize, a: &mut [u64]));
    attack!(serial tails(a: &mut [u64]));
    attack!(outer rotated_rows(m: usize, a: &mut [u64]));
    attack!(outer swapped_elements(k: usize, a: &mut [u64]));
}

#[test]
fn parts_of_bodies() {
    attack!(outer first_alone_then_in_order(x: &[u64], y: &mut [u64], z: &mut [u64]));
    attack!(serial reads_what_comes_next(x: &[u64], y: &mut [u64]));
    attack!(serial feeds_its_first_part(x: &mut [u64], y: &mut [u64]));
    attack!(serial panics_in_its_second_part(x: &[u64], y: &mut [u64]));
    attack!(serial leaves_in_its_second_part(x: &[u64], y: &mut [u64]));
}

#[test]
fn chunks_windows_halves() {
    attack!(outer elements_of_rows(w: usize, a: &mut [u64]));
    attack!(outer numbered_elements_of_rows(w: usize, a: &mut [u64]));
    attack!(outer exact_rows(w: usize, a: &mut [u64]));
    attack!(inner rows_from_the_end(w: usize, a: &mut [u64]));
    attack!(inner every_second_row(w: usize, a: &mut [u64]));
    attack!(outer chunks_beside_windows(w: usize, x: &[u64], a: &mut [u64]));
    attack!(outer rows_beside_numbers(w: usize, x: &[u64], a: &mut [u64]));
    attack!(outer halves_that_meet(k: usize, a: &mut [u64]));
    attack!(outer halves_of_halves(k: usize, a: &mut [u64]));
    attack!(outer zipped_with_the_reverse(x: &[u64], a: &mut [u64]));
    attack!(inner exchanged_at_times(steps: usize, a: &mut [u64], b: &mut [u64]));
    attack!(serial exchanged_in_the_loop(x: &[u64], a: &mut [u64], b: &mut [u64]));
    attack!(outer one_of_two(c: bool, a: &mut [u64], b: &mut [u64]));
    attack!(outer least_of_rows_and_their_places(w: usize, a: &[u64], y: &mut [u64]));
    attack!(serial element_by_reference(a: &mut [u64]));
    attack!(outer below_a_row(n: usize, k: usize, a: &mut [u64]));
    attack!(inner below_each_row(n: usize, a: &mut [u64]));
    attack!(outer between_two_cuts(p: &[usize], a: &mut [u64]));
    attack!(serial cut_in_each_iteration(p: &[usize], a: &mut [u64]));
}
