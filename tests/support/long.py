"""The tests that take long: `make test` leaves them out, `make test-all` and .ci/run do not.

By module, as a path in tests/; "test" stands for all of its cases, "test[case]" for one. What is listed must be there.
"""

LONG = {
    "cli/test_commands": [
        "test_check_says_what_differs_and_exits_with_1",
        "test_help_ends_with_an_example_that_works[build]",
        "test_help_ends_with_an_example_that_works[check]",
        "test_help_ends_with_an_example_that_works[steer]",
    ],
    "cli/test_run": [
        "test_a_number_as_prompt_is_told_as_the_sheet_takes_it",
        "test_any_prompt_is_just_text['quoted]",
        "test_any_prompt_is_just_text[+1]",
        "test_any_prompt_is_just_text[@x]",
        "test_run_draws_with_the_settings_of_the_sheet",
        "test_run_writes_a_copy_that_holds_the_new_values",
    ],
    "commands/test_saved_again": [
        "test_a_real_change_is_seen_in_a_book_saved_again",
        "test_saved_by_libreoffice",
    ],
    "commands/test_dry_run": [
        "test_command",
        "test_every_size_fits_in_workbooks_of_its_own",
        "test_the_published_sizes_need_no_checkpoint",
    ],
    "evaluator/test_circles": [
        "test_libreoffice_comes_to_the_same",
    ],
    "functions/test_money_in_programs": [
        "test_a_program_says_the_same",
    ],
    "commands/test_keep": [
        "test_libreoffice_opens_the_copies",
    ],
    "fuzz/test_fuzz": [
        "test_a_short_run_leaves_nothing_unexplained",
    ],
    "gpt2/test_char_classes": [
        "test_the_file_is_what_the_tokenizers_library_does",
    ],
    "gpt2/test_facts": [
        "test_without_a_few_neurons_one_athlete_loses_his_sport_and_others_keep_theirs",
    ],
    "gpt2/test_interventions": [
        "test_interventions_on_more_configurations",
        "test_interventions_on_the_bundled_model",
    ],
    "gpt2/test_mini": [
        "test_the_figures_are_those_of_the_card",
        "test_the_model_completes_what_it_was_trained_on_and_what_was_held_out",
        "test_transformers_still_calculates_what_is_frozen",
    ],
    "gpt2/test_mini_heads": [
        "test_an_end_of_text_in_front_changes_no_answer",
        "test_names_are_completed_as_the_card_says",
        "test_the_heads_are_those_of_the_card",
        "test_without_the_induction_head_little_is_foretold",
    ],
    "gpt2/test_mini_jacobian": [
        "test_all_prompts_again_give_the_matrices_of_the_file",
        "test_matrices_are_those_of_the_definition",
        "test_prompts_are_texts_with_and_without_an_end_of_text_in_front",
    ],
    "gpt2/test_subset": [
        "test_a_lighter_workbook_is_checked_and_run_like_any_other",
    ],
    "lab/test_lesson": [
        "test_the_lesson_says_what_happens",
    ],
    "lab/test_score": [
        "test_last_words",
        "test_processes_give_the_same_numbers",
    ],
    "lab/test_sweep": [
        "test_a_dask_cluster_gives_the_same_bytes",
        "test_an_output_is_continued",
        "test_an_output_of_something_else_stays_as_it_is",
        "test_lines_are_those_of_transformers_in_order",
        "test_processes_give_the_same_bytes",
    ],
    "layout/exercise/test_exercise": [
        "test_every_program_agrees_on_what_a_learner_wrote",
        "test_what_a_learner_wrote_is_no_difference",
    ],
    "layout/exercise/test_mistakes": [
        "test_a_saved_exercise_is_right_after_the_key_that_its_sheet_names",
        "test_in_libreoffice_as_users_have_it_too",
        "test_only_what_is_right_turns_green",
    ],
    "layout/lenses/test_attention": [
        "test_block_and_head_can_be_typed",
    ],
    "layout/lenses/test_attribution": [
        "test_direct_effects_add_up_to_the_logits_of_transformers[2]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[3]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[4]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[5]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[6]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[7]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[8]",
        "test_direct_effects_add_up_to_the_logits_of_transformers[9]",
    ],
    "layout/lenses/test_depth": [
        "test_of_equal_logits_the_lower_id_is_listed_first",
        "test_position_and_token_can_be_typed",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[2]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[3]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[4]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[5]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[6]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[7]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[8]",
        "test_the_last_depth_is_the_model_and_all_are_those_of_transformers[9]",
    ],
    "layout/lenses/test_facts": [
        "test_the_numbers_are_checked_again",
    ],
    "layout/lenses/test_interventions": [
        "test_a_first_difference_names_the_lens",
        "test_a_prompt_that_leaves_no_row_for_endoftext_is_refused",
        "test_a_switch_is_set_by_its_name",
        "test_any_interventions_are_those_of_the_reference",
        "test_check_knows_what_was_calculated_at_build",
        "test_every_program_agrees_on_all_interventions",
        "test_steer_adds_the_difference_of_two_prompts",
        "test_steer_refuses_what_makes_no_sense",
    ],
    "layout/lenses/test_jacobian": [
        "test_a_file_is_named_and_check_knows_its_numbers",
    ],
    "layout/lenses/test_lenses": [
        "test_every_program_agrees_and_check_knows_what_may_be_typed",
        "test_values_are_those_of_the_reference",
    ],
    "layout/lenses/test_loss": [
        "test_characters_are_those_that_follow_the_first_token",
        "test_the_mean_loss_is_that_of_transformers",
        "test_with_endoftext_in_front_every_token_of_the_prompt_is_predicted",
    ],
    "layout/lenses/test_neurons": [
        "test_another_prompt_is_told_and_check_knows_the_numbers_of_the_build",
    ],
    "layout/lenses/test_switches": [
        "test_a_switch_beyond_all_bounds_is_reported_on",
        "test_every_program_agrees_when_parts_are_off_and_everybody_is_told",
    ],
    "layout/lenses/test_typed_tokens": [
        "test_every_program_agrees_on_tokens_typed_by_their_text",
    ],
    "layout/test_detokenizer": [
        "test_any_tokens_in_any_order[gpt2]",
        "test_every_kind_of_first_byte_with_every_kind_of_second",
    ],
    "layout/test_notices": [
        "test_a_manual_workbook_is_checked_and_run_like_any_other",
    ],
    "layout/test_prompt_in_programs": [
        "test_ironcalc_gives_the_same_ids",
        "test_libreoffice_gives_the_same_ids",
    ],
    "layout/test_prompt_to_tokens": [
        "test_gpt2_vocabulary",
        "test_texts_as_long_as_the_default_takes",
        "test_texts_of_sixteen_characters",
    ],
    "layout/test_sampling": [
        "test_the_sheet_draws_what_python_draws",
    ],
    "split/test_build": [
        "test_command",
    ],
    "split/test_check": [
        "test_each_file_is_calculated_by_every_engine",
    ],
    "test_readme": [
        "test_commands",
    ],
    "users/test_fresh_profile": [
        "test_a_lighter_copy",
        "test_a_weight_between_prompts",
        "test_a_weight_changed_first_has_its_effect",
        "test_a_workbook_calculated_on_request_with_the_key_that_it_names",
        "test_an_intervention_typed_first_has_its_effect",
        "test_check_asks_as_a_user",
        "test_check_of_each_file_asks_as_a_user",
        "test_each_file_of_a_folder",
        "test_ids_as_numbers",
        "test_prompt_after_prompt_in_one_window",
        "test_settings_changed_first_have_their_effect",
        "test_the_first_prompt_typed_is_answered",
    ],
    "users/test_ordinary_workbooks": [
        "test_every_formula_is_libreoffices",
        "test_what_is_typed_has_libreoffices_effect",
    ],
    "users/test_typed_prompts": [
        "test_typing_prompts_continues_like_transformers",
        "test_typing_prompts_into_libreoffice",
    ],
    "users/test_window": [
        "test_a_prompt_typed_in_a_window_is_answered",
    ],
    "test_pytest_plugin": [
        "test_unused_snapshots_are_listed[workers1]",
    ],
    "verification/test_all_witnesses": [
        "test_every_formula_cell_of_mini_agrees_with_every_witness",
        "test_of_equal_logits_every_program_lists_the_lower_id_first",
        "test_random_models_of_transformers",
        "test_shortened_numbers_are_those_that_transformers_gets",
        "test_spreadsheet_programs_answer",
    ],
    "verification/test_damage": [
        "test_all_programs_find_a_changed_formula",
        "test_changed_digits_in_formulas_are_found[seeds1]",
        "test_changed_digits_in_formulas_are_found[seeds2]",
        "test_changed_digits_in_formulas_are_found[seeds3]",
        "test_changed_digits_in_weights_are_found[seeds1]",
        "test_changed_digits_in_weights_are_found[seeds2]",
    ],
    "verification/test_outcomes": [
        "test_a_prompt_that_the_workbook_does_not_take_is_no_difference",
    ],
    "verification/test_report": [
        "test_the_text_ends_with_prompt_answer_and_a_line_for_each_witness",
    ],
    "witnesses/test_libreoffice": [
        "test_many_cells_arrive_exactly",
    ],
}
