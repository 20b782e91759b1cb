"""Which blocks of a page are content, given how likely each of them is. Every function takes and gives ``bool[m]``.

``choice``             ``choose``: applies the others in this order, and notes which of them decided about each block

``expected_f1``        ``best_expected_f1``: the blocks with the best expected word F1
``dialogs``            ``in_dialogs``: the blocks of consent dialogs and forms to sign in, which are left out of that
``thin_pages``         ``drop_unlikely``: nothing where that is a few unlikely words; ``drop_gates``: nor where it
                       is a check of the reader or a demand for consent
``script_notices``     ``drop_script_notices``: without what pages say to browsers without scripts
``legal_texts``        ``keep_sentences``: with the sentences in which a policy names itself
``own_style``          ``drop_hidden``: without what the page's own style sheet hides
``read_also``          ``drop_invitations``: without paragraphs that invite to read another article
``links_behind``       ``drop_links_behind``: without lists of links behind the last prose; ``drop_headings_behind``:
                       without headings behind all else
``repeated_elements``  ``drop_repeated``: without the elements that repeat what came before
``adjacent_blocks``    ``keep_adjacent``, ``keep_images``: with the code, formulas and images between kept blocks
``stated_lines``       ``stated_rows``: with the lines of a recipe that the page states
``table_rows``         ``whole_rows``: rows of tables whole; ``said_by_rows``: signs alone that are values there
``data_tables``        ``whole_tables``: tables of data whole; ``drop_switches``: without captions that hold switches
``paired_blocks``      ``keep_pairs``: terms with definitions, quotations with sources, questions with answers
``mail_archives``      ``drop_around_mails``: without what mail archives put around a message
``polls``              ``drop_polls``: without questions to the reader with buttons for the answers
``code_labels``        ``drop_code_labels``: without what stands above code ("Copy")
``sibling_paragraphs`` ``keep_sibling_paragraphs``: with the paragraphs among kept ones
``applicable``         ``steps_that_may``: which of the following may change something on a page
``section_headings``   ``keep_section_headings``: with the headings between two kept blocks
``ticked_lists``       ``keep_ticked_lists``: with lists of which each item has a box to tick
``button_labels``      ``drop_button_labels``: without what stands on buttons alone
``form_surroundings``  ``drop_form_surroundings``: without the heading and the sentence of a newsletter's box, the rules of
                       an answer
``posts``              ``keep_code_in_posts``, ``drop_posters``: with posts that hold code, without ranks and titles of their authors
``forum_details``      ``drop_forum_details``: without posters' details, votes, and what may be done in a forum
``post_lines``         ``drop_post_lines``: without the title above each reply, and what old boards write around posts
``further_articles``   ``drop_further_articles``: without the next articles of an endless page
``recipe_sections``    ``keep_recipe_sections``: with the headings of a recipe's lists, and lists that only these name
``recipe_cards``       ``drop_recipe_switches``: without "Jump to Recipe" and products beside a recipe
``article_numbers``    ``keep_article_numbers``: with the numbers of articles of law above their text

``rows``               ``without``, ``along_with``: what is kept, with some rows changed; ``any_of``: whether anything is
``teasers``            ``whole_article``: the article that a page states in full and shows the beginning of
"""
