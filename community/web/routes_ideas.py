"""The addresses of ideas and of the blog; the list of a space of ideas is that of the space."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import blog, idea_answers, ideas


def idea_and_blog_routes() -> list[BaseRoute]:
    """Who may do what, the permissions of `community.ideas` and of threads say."""
    base = "/threads/{thread_id:int}"
    return [
        post(base + "/vote", ideas.vote, "ideas.vote", Access.MEMBER),
        post(base + "/vote/take-back", ideas.take_back_vote, "ideas.take_back_vote", Access.MEMBER),
        get(base + "/idea", idea_answers.show_form, "ideas.answer_form", Access.STAFF),
        post(base + "/idea", idea_answers.answer_idea, "ideas.answer", Access.STAFF),
        get("/blog", blog.show_blog, "blog.show", Access.SCOPED),
        get(base + "/picture", blog.show_pictures, "blog.pictures", Access.STAFF),
        post(base + "/picture", blog.choose_picture, "blog.choose_picture", Access.STAFF),
        get("/ideas/done", ideas.show_done, "ideas.done", Access.SCOPED),
    ]
