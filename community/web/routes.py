"""The table of contents: every address of the site, who may reach it, and the handler behind it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import (
    accepting,
    admin,
    admin_companies,
    admin_figures,
    admin_groups,
    admin_index,
    admin_pages,
    admin_people,
    admin_satisfaction,
    admin_search,
    admin_spaces,
    admin_vocabulary,
    answers,
    ask,
    ask_session,
    asker,
    consents,
    drafts,
    editing,
    faq,
    faq_dashboard,
    faq_editing,
    faq_export,
    faq_feedback,
    faq_freshness,
    faq_list,
    faq_use,
    feeds,
    flags,
    groups,
    health,
    home,
    identity_routes,
    kept_texts,
    legal,
    log_in,
    mail_box,
    members,
    own_attributes,
    own_data,
    password,
    post_history,
    posts,
    ranking,
    registration,
    routes_groups,
    routes_telling,
    routes_waiting,
    search,
    settings,
    site,
    sitemaps,
    spaces,
    suggestions,
    threads,
)
from community.web.routes_attachments import attachment_routes
from community.web.routes_faq_delivery import delivering_the_faq
from community.web.routes_faq_proposals import deciding_about_proposals
from community.web.routes_faq_workflow import editing_together
from community.web.routes_ideas import idea_and_blog_routes
from community.web.routes_moderation import keeping_order
from community.web.routes_notices import reporting_and_objecting
from community.web.routes_recognition import recognition_routes
from community.web.routes_sanctions import sanctions
from community.web.routes_sign_on import sign_on_routes
from community.web.routes_staff_tools import staff_tools
from community.web.static import StaticFiles
from community.web.theming import Theme
from community.web.uploads import most_form_bytes

PUBLIC, SCOPED, MEMBER = Access.PUBLIC, Access.SCOPED, Access.MEMBER
MODERATOR, STAFF, ADMINISTRATOR = Access.MODERATOR, Access.STAFF, Access.ADMINISTRATOR
DEVELOPMENT = Access.DEVELOPMENT
FROM_MAIL = "opened by a link of a mail, and names nothing to others than the asker"
FOR_EVERYBODY = "what the law wants everybody to find"
FOR_GUESTS = "what a guest may read, whoever asks"


def routes(theme: Theme, *, development: bool) -> list[BaseRoute]:
    """All routes, those that most people ask for first. Development routes exist in development only."""
    static = StaticFiles(theme)
    maps = sitemaps.Sitemaps(keep_seconds=0 if development else sitemaps.INDEX_KEPT_SECONDS)
    table: list[BaseRoute] = [
        # threads
        get("/threads/{thread_id:int}-{slug}", threads.show_thread, "threads.show", SCOPED),
        get("/threads/{thread_id:int}", threads.show_thread, "threads.short", SCOPED),
        post(
            "/threads/{thread_id:int}/answers",
            answers.add_answer,
            "answers.add",
            MEMBER,
            most_file_bytes=most_form_bytes(),
        ),
        *attachment_routes(),
        post(
            "/threads/{thread_id:int}/answers/{post_id:int}/accept",
            answers.accept_solution,
            "answers.accept",
            MEMBER,
        ),
        post(
            "/threads/{thread_id:int}/solution/withdraw",
            threads.withdraw_solution,
            "threads.withdraw",
            MEMBER,
        ),
        post(
            "/threads/{thread_id:int}/satisfaction",
            asker.give_satisfaction,
            "threads.give_satisfaction",
            MEMBER,
        ),
        get("/reminder", asker.show_reminder, "asker.reminder", PUBLIC, FROM_MAIL),
        post("/reminder", asker.answer_reminder, "asker.answer_reminder", PUBLIC, FROM_MAIL),
        get("/satisfaction", asker.show_satisfaction, "asker.satisfaction", PUBLIC, FROM_MAIL),
        post("/satisfaction", asker.give_by_link, "asker.give_satisfaction", PUBLIC, FROM_MAIL),
        *idea_and_blog_routes(),
        post(
            "/threads/{thread_id:int}/same-problem", threads.mark_same_problem, "threads.same_problem", MEMBER
        ),
        post(
            "/threads/{thread_id:int}/same-problem/take-back",
            threads.unmark_same_problem,
            "threads.not_same_problem",
            MEMBER,
        ),
        post("/threads/{thread_id:int}/follow", threads.follow_thread, "threads.follow", MEMBER),
        post("/threads/{thread_id:int}/unfollow", threads.unfollow_thread, "threads.unfollow", MEMBER),
        post("/threads/{thread_id:int}/mute", threads.mute_thread, "threads.mute", MEMBER),
        post("/threads/{thread_id:int}/unmute", threads.unmute_thread, "threads.unmute", MEMBER),
        get("/ask", ask.show_form, "ask.form", MEMBER),
        post("/ask", ask.ask, "ask.ask", MEMBER, most_file_bytes=most_form_bytes()),
        post("/ask/similar", ask_session.show_similar, "ask.similar", MEMBER),
        post("/ask/opened", ask_session.note_opened, "ask.opened", MEMBER),
        post("/ask/none-helped", ask_session.note_none_helped, "ask.none_helped", MEMBER),
        get("/ask/solved", ask_session.show_solved, "ask.solved", MEMBER),
        post("/ask/reopen", ask_session.reopen, "ask.reopen", MEMBER),
        post("/ask/discard", ask_session.discard, "ask.discard", MEMBER),
        # posts
        get("/posts/{post_id:int}", posts.show_post, "posts.show", SCOPED),
        post("/posts/{post_id:int}/comments", answers.add_comment, "posts.comment", MEMBER),
        get("/posts/{post_id:int}/edit", editing.show_edit_form, "posts.edit_form", MEMBER),
        post(
            "/posts/{post_id:int}/edit",
            editing.edit_post,
            "posts.edit",
            MEMBER,
            most_file_bytes=most_form_bytes(),
        ),
        get("/posts/{post_id:int}/history", post_history.show_history, "posts.history", MEMBER),
        get("/posts/{post_id:int}/kudos", posts.show_givers, "posts.givers", MEMBER),
        post("/posts/{post_id:int}/kudos", posts.give_kudos, "posts.give_kudos", MEMBER),
        post("/posts/{post_id:int}/kudos/take-back", posts.take_back_kudos, "posts.take_back_kudos", MEMBER),
        get("/posts/{post_id:int}/flag", flags.show_flag_form, "flags.form", MEMBER),
        post("/posts/{post_id:int}/flag", flags.flag_post, "flags.flag", MEMBER),
        post("/drafts/kept", kept_texts.offer_kept_text, "drafts.kept", MEMBER),
        post("/drafts/{place}", drafts.save_draft, "drafts.save", MEMBER),
        # finding one's way
        get("/", home.show_home, "home", SCOPED),
        post("/first-steps/put-away", home.put_away_steps, "home.put_away_steps", MEMBER),
        get("/spaces", spaces.list_spaces, "spaces.list", SCOPED),
        get("/spaces/{slug}", spaces.show_space, "spaces.show", SCOPED),
        get("/search", search.show_search, "search.show", SCOPED),
        get("/search/suggestions", suggestions.show_suggestions, "search.suggestions", SCOPED),
        get("/ranking", ranking.show_ranking, "ranking.show", SCOPED),
        # the FAQ
        get("/faq", faq.show_faq, "faq.list", SCOPED),
        get("/faq/{entry_id:int}-{slug}", faq.show_entry, "faq.show", SCOPED),
        get("/faq/{entry_id:int}", faq.show_entry, "faq.short", SCOPED),
        get("/faq/{category}", faq.show_category, "faq.category", SCOPED),
        post("/faq/{entry_id:int}/feedback", faq.give_feedback, "faq.feedback", SCOPED),
        get("/faq/{entry_id:int}/stuck", faq_feedback.go_on, "faq.stuck", SCOPED),
        *delivering_the_faq(),
        get("/moderation/faq", faq_list.list_entries, "faq.editorial", MODERATOR),
        get("/moderation/faq/use", faq_use.show_uses, "faq.uses", MODERATOR),
        get("/moderation/faq/use/download", faq_use.download_uses, "faq.download_uses", MODERATOR),
        get("/moderation/faq/{entry_id:int}/use", faq_use.show_use, "faq.use", MODERATOR),
        get("/moderation/faq/new", faq_editing.show_new, "faq.new", MODERATOR),
        post("/moderation/faq/new", faq_editing.create_entry, "faq.create", MODERATOR),
        *deciding_about_proposals(),
        get("/moderation/faq/{entry_id:int}", faq_editing.show_entry, "faq.edit_form", MODERATOR),
        post("/moderation/faq/{entry_id:int}", faq_editing.save_entry, "faq.edit", MODERATOR),
        get("/moderation/faq/{entry_id:int}/history", faq_editing.show_history, "faq.history", MODERATOR),
        post("/moderation/faq/{entry_id:int}/review", faq_editing.send_for_review, "faq.review", MODERATOR),
        post("/moderation/faq/{entry_id:int}/send-back", faq_editing.send_back, "faq.send_back", MODERATOR),
        post("/moderation/faq/{entry_id:int}/release", faq_editing.release_entry, "faq.release", MODERATOR),
        post(
            "/moderation/faq/{entry_id:int}/withdraw", faq_editing.withdraw_entry, "faq.withdraw", MODERATOR
        ),
        post("/moderation/faq/{entry_id:int}/restore", faq_editing.restore_entry, "faq.restore", MODERATOR),
        get("/admin/faq/export", faq_export.show_export, "faq.export", ADMINISTRATOR),
        get("/admin/faq/export/download", faq_export.download_export, "faq.download", ADMINISTRATOR),
        get("/admin/faq/categories", faq_export.show_categories, "faq.categories", ADMINISTRATOR),
        post("/admin/faq/categories", faq_export.make_category, "faq.make_category", ADMINISTRATOR),
        post(
            "/admin/faq/categories/{category_id:int}",
            faq_export.rename_category,
            "faq.rename_category",
            ADMINISTRATOR,
        ),
        post(
            "/admin/faq/categories/{category_id:int}/up",
            faq_export.move_category_up,
            "faq.move_category",
            ADMINISTRATOR,
        ),
        # members and groups
        get("/members/suggestions", members.suggest_members, "members.suggest", MEMBER),
        get("/members/{nickname}", members.show_member, "members.show", SCOPED),
        get("/groups", groups.list_groups, "groups.list", SCOPED),
        get("/groups/{slug}", groups.show_group, "groups.show", SCOPED),
        post("/groups/{slug}/join", groups.join_group, "groups.join", MEMBER),
        post("/groups/{slug}/leave", groups.leave_group, "groups.leave", MEMBER),
        *routes_groups.groups(),
        *routes_telling.telling(),
        *_identity(),
        *sign_on_routes(),
        # for feed readers, search engines and browsers
        get("/feeds/latest.atom", feeds.show_latest, "feeds.latest", PUBLIC, FOR_GUESTS),
        get("/feeds/ideas.atom", feeds.show_ideas, "feeds.ideas", PUBLIC, FOR_GUESTS),
        get("/feeds/blog.atom", feeds.show_blog, "feeds.blog", PUBLIC, FOR_GUESTS),
        get("/feeds/spaces/{slug}.atom", feeds.show_space, "feeds.space", PUBLIC, FOR_GUESTS),
        get("/feeds/threads/{thread_id:int}.atom", feeds.show_thread, "feeds.thread", PUBLIC, FOR_GUESTS),
        get("/robots.txt", sitemaps.show_robots, "sitemaps.robots", PUBLIC, "names no content"),
        get("/sitemap.xml", maps.show_index, "sitemaps.index", PUBLIC, FOR_GUESTS),
        get("/sitemaps/{name}.xml", maps.show_file, "sitemaps.file", PUBLIC, FOR_GUESTS),
        get(
            "/speculation-rules.json",
            sitemaps.show_speculation_rules,
            "sitemaps.speculation_rules",
            PUBLIC,
            "names no content",
        ),
        *keeping_order(),
        *sanctions(),
        *staff_tools(),
        *editing_together(),
        get("/moderation/faq/freshness", faq_dashboard.show_freshness, "faq.freshness", MODERATOR),
        get(
            "/moderation/faq/freshness.csv", faq_dashboard.download_freshness, "faq.freshness_csv", MODERATOR
        ),
        post("/moderation/faq/{entry_id:int}/confirm", faq_freshness.confirm_entry, "faq.confirm", MODERATOR),
        post(
            "/moderation/faq/{entry_id:int}/sources/{post_id:int}/replace",
            faq_freshness.replace_source,
            "faq.replace_source",
            MODERATOR,
        ),
        *reporting_and_objecting(),
        # administration
        get("/admin", admin.show_start, "admin.start", ADMINISTRATOR),
        get("/admin/spaces", admin_spaces.list_spaces, "admin.spaces", ADMINISTRATOR),
        get("/admin/spaces/new", admin_spaces.show_new_form, "admin.new_space_form", ADMINISTRATOR),
        post("/admin/spaces/new", admin_spaces.make_space, "admin.make_space", ADMINISTRATOR),
        get("/admin/spaces/{slug}", admin_spaces.show_space_form, "admin.space", ADMINISTRATOR),
        post("/admin/spaces/{slug}", admin_spaces.change_space, "admin.change_space", ADMINISTRATOR),
        post(
            "/admin/spaces/{slug}/earlier", admin_spaces.shift_earlier, "admin.space_earlier", ADMINISTRATOR
        ),
        post("/admin/spaces/{slug}/later", admin_spaces.shift_later, "admin.space_later", ADMINISTRATOR),
        get("/admin/groups", admin_groups.list_groups, "admin.groups", ADMINISTRATOR),
        get("/admin/groups/new", admin_groups.show_new_form, "admin.new_group_form", ADMINISTRATOR),
        post("/admin/groups/new", admin_groups.make_group, "admin.make_group", ADMINISTRATOR),
        get("/admin/groups/{slug}", admin_groups.show_group_form, "admin.group", ADMINISTRATOR),
        post("/admin/groups/{slug}", admin_groups.change_group, "admin.change_group", ADMINISTRATOR),
        post("/admin/groups/{slug}/members", admin_groups.add_member, "admin.add_member", ADMINISTRATOR),
        get("/admin/companies", admin_companies.list_companies, "admin.companies", ADMINISTRATOR),
        get("/admin/companies/new", admin_companies.show_new_form, "admin.new_company_form", ADMINISTRATOR),
        post("/admin/companies/new", admin_companies.make_company, "admin.make_company", ADMINISTRATOR),
        get(
            "/admin/companies/{company_id:int}", admin_companies.show_company, "admin.company", ADMINISTRATOR
        ),
        post(
            "/admin/companies/{company_id:int}",
            admin_companies.change_company,
            "admin.change_company",
            ADMINISTRATOR,
        ),
        post(
            "/admin/companies/{company_id:int}/domains",
            admin_companies.add_domain,
            "admin.add_company_domain",
            ADMINISTRATOR,
        ),
        post(
            "/admin/companies/{company_id:int}/domains/{domain_id:int}/remove",
            admin_companies.remove_domain,
            "admin.remove_company_domain",
            ADMINISTRATOR,
        ),
        post(
            "/admin/companies/{company_id:int}/administrators",
            admin_companies.invite_administrator,
            "admin.invite_company_administrator",
            ADMINISTRATOR,
        ),
        *routes_groups.segments(),
        *routes_waiting.waiting_texts(),
        get("/admin/people", admin_people.list_people, "admin.people", ADMINISTRATOR),
        get("/admin/people/{nickname}", admin_people.show_person, "admin.person", ADMINISTRATOR),
        post("/admin/people/{nickname}/role", admin_people.change_role, "admin.change_role", ADMINISTRATOR),
        *recognition_routes(),
        get("/admin/search", admin_search.show_terms, "admin.search", MODERATOR),
        get("/admin/search/download", admin_search.download_terms, "admin.search_download", MODERATOR),
        get("/admin/search/term", admin_search.show_term, "admin.search_term", MODERATOR),
        post("/admin/search/settle", admin_search.settle_term, "admin.settle_term", MODERATOR),
        get("/admin/vocabulary", admin_vocabulary.list_vocabulary, "vocabulary.list", MODERATOR),
        get("/admin/vocabulary/new", admin_vocabulary.show_new, "vocabulary.new_form", MODERATOR),
        post("/admin/vocabulary/new", admin_vocabulary.add_entry, "vocabulary.add", MODERATOR),
        post("/admin/vocabulary/switch-off", admin_vocabulary.switch_off, "vocabulary.switch_off", MODERATOR),
        get(
            "/admin/vocabulary/{vocabulary_id:int}",
            admin_vocabulary.show_entry,
            "vocabulary.entry",
            MODERATOR,
        ),
        post(
            "/admin/vocabulary/{vocabulary_id:int}",
            admin_vocabulary.change_entry,
            "vocabulary.change",
            MODERATOR,
        ),
        post(
            "/admin/vocabulary/{vocabulary_id:int}/remove",
            admin_vocabulary.remove_entry,
            "vocabulary.remove",
            MODERATOR,
        ),
        get("/admin/figures", admin_figures.show_figures, "admin.figures", ADMINISTRATOR),
        get(
            "/admin/figures/download",
            admin_figures.download_figures,
            "admin.download_figures",
            ADMINISTRATOR,
        ),
        get(
            "/admin/figures/satisfaction",
            admin_satisfaction.download_satisfaction,
            "admin.download_satisfaction",
            ADMINISTRATOR,
        ),
        get("/admin/pages", admin_pages.list_pages, "admin.pages", ADMINISTRATOR),
        get("/admin/pages/{name}", admin_pages.show_page, "admin.page", ADMINISTRATOR),
        post("/admin/pages/{name}", admin_pages.save_page, "admin.save_page", ADMINISTRATOR),
        post("/admin/pages/{name}/publish", admin_pages.publish_page, "admin.publish_page", ADMINISTRATOR),
        get(
            "/admin/pages/{name}/versions/{version:int}",
            admin_pages.show_version,
            "admin.page_version",
            ADMINISTRATOR,
        ),
        get("/admin/index", admin_index.show_index, "admin.index", ADMINISTRATOR),
        post("/admin/index", admin_index.rebuild, "admin.rebuild_index", ADMINISTRATOR),
        get("/admin/messages", admin.show_messages, "admin.messages", ADMINISTRATOR),
        post("/admin/messages/retry", admin.retry_all_messages, "admin.retry_all_messages", ADMINISTRATOR),
        post(
            "/admin/messages/{fact_id:int}/retry", admin.retry_message, "admin.retry_message", ADMINISTRATOR
        ),
        # the site itself
        get("/accept", accepting.show_question, "acceptance.question", MEMBER),
        post("/accept", accepting.accept, "acceptance.accept", MEMBER),
        get("/pages/{name}", legal.show_page, "pages.show", PUBLIC, FOR_EVERYBODY),
        get("/pages/{name}/{edition}", legal.show_edition, "pages.edition", PUBLIC, FOR_EVERYBODY),
        get("/static/{theme}/{path:path}", static.serve, "static", PUBLIC, "files of the theme"),
        post("/language/{code}", site.choose_language, "site.language", PUBLIC, "a choice kept in a cookie"),
        post("/mode", site.choose_mode, "site.mode", PUBLIC, "a choice kept in a cookie"),
        get("/healthz", health.alive, "health.alive", PUBLIC, "says only that the process answers"),
        get("/readyz", health.ready, "health.ready", PUBLIC, "says only whether the database answers"),
        get(
            "/.well-known/security.txt",
            health.show_security_contact,
            "security.contact",
            PUBLIC,
            "one line of the configuration",
        ),
    ]
    if development:
        table += [
            get("/dev/mail", mail_box.list_mails, "dev.mails", DEVELOPMENT),
            get("/dev/mail/{mail_id}", mail_box.show_mail, "dev.mail", DEVELOPMENT),
        ]
    return table


def _identity() -> list[BaseRoute]:
    """Registration, log-in, links of mails, one's own settings."""
    form, link = "a form, the same for everybody", "shows what the secret of a mailed link opens"
    return [
        get("/register", registration.show_registration_form, "registration.form", PUBLIC, form),
        post("/register", registration.register, "registration.register", PUBLIC, form),
        get("/register/sent", registration.show_registration_sent, "registration.sent", PUBLIC, form),
        get("/confirm", registration.show_confirm_form, "registration.confirm_form", PUBLIC, link),
        post("/confirm", registration.confirm, "registration.confirm", PUBLIC, link),
        get("/log-in", log_in.show_log_in_form, "log_in.form", PUBLIC, form),
        post("/log-in", log_in.log_in, "log_in.log_in", PUBLIC, form),
        *identity_routes.second_step(),
        post("/log-out", log_in.log_out, "log_in.log_out", PUBLIC, "ends the session of whoever asks"),
        get("/forgotten-password", password.show_forgotten_form, "password.forgotten_form", PUBLIC, form),
        post("/forgotten-password", password.request_reset, "password.request_reset", PUBLIC, form),
        get("/forgotten-password/sent", password.show_reset_sent, "password.reset_sent", PUBLIC, form),
        get("/new-password", password.show_new_password_form, "password.new_form", PUBLIC, link),
        post("/new-password", password.choose_new_password, "password.choose_new", PUBLIC, link),
        get("/settings", settings.show_settings, "settings", MEMBER),
        get("/settings/profile", settings.show_profile, "settings.profile", MEMBER),
        post("/settings/profile", settings.change_nickname, "settings.change_nickname", MEMBER),
        get("/settings/privacy", settings.show_privacy, "settings.privacy", MEMBER),
        post("/settings/privacy", settings.change_privacy, "settings.change_privacy", MEMBER),
        get("/settings/password", settings.show_password_form, "settings.password", MEMBER),
        post("/settings/password", settings.change_password, "settings.change_password", MEMBER),
        *identity_routes.second_factors(),
        get("/settings/mail", settings.show_mail_form, "settings.mail", MEMBER),
        post("/settings/mail", settings.change_mail, "settings.change_mail", MEMBER),
        *identity_routes.company(link),
        get("/settings/attributes", own_attributes.show_own_attributes, "settings.attributes", MEMBER),
        post(
            "/settings/attributes/groups/{group_id:int}/come-back",
            own_attributes.come_back_to_group,
            "settings.come_back",
            MEMBER,
        ),
        get("/settings/consents", consents.show_consents, "settings.consents", MEMBER),
        get("/settings/consents/proof", consents.export_proof, "settings.consents_proof", MEMBER),
        post("/settings/consents/{purpose}/give", consents.give_consent, "settings.give_consent", MEMBER),
        post(
            "/settings/consents/{purpose}/withdraw",
            consents.withdraw_consent,
            "settings.withdraw_consent",
            MEMBER,
        ),
        get("/consents/confirm", consents.show_confirm_form, "consents.confirm_form", PUBLIC, link),
        post("/consents/confirm", consents.confirm_consent, "consents.confirm", PUBLIC, link),
        get("/unsubscribe", consents.show_unsubscribe_form, "consents.unsubscribe_form", PUBLIC, link),
        post("/unsubscribe", consents.unsubscribe, "consents.unsubscribe", PUBLIC, link),
        get("/settings/sessions", settings.show_sessions, "settings.sessions", MEMBER),
        post("/settings/sessions/{session_id:int}/end", settings.end_session, "settings.end_session", MEMBER),
        post(
            "/settings/sessions/end-others",
            settings.end_other_sessions,
            "settings.end_other_sessions",
            MEMBER,
        ),
        get("/settings/language", settings.show_language_form, "settings.language", MEMBER),
        post("/settings/language", settings.choose_language, "settings.choose_language", MEMBER),
        get("/settings/data", own_data.show_own_data, "settings.data", MEMBER),
        post("/settings/data/download", own_data.download, "settings.download", MEMBER),
        get("/settings/data/erase", own_data.show_erase_form, "settings.erase_form", MEMBER),
        post("/settings/data/erase", own_data.erase, "settings.erase", MEMBER),
    ]
